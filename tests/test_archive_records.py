"""From an item to its record: its title, its language, and what it cannot be."""

import json
import unicodedata

import pytest

from models.lexicon import load_lexicon
from models.names import fold_diacritics
from models.summarizer import Summarizer
from models.translator import Translator
from service.archives.items import ArchiveItem, Trouble
from service.archives.options import ArchiveOptions
from service.archives.records import Done, Recipe, digest_item, text_with_title
from service.pipeline import Digester, TextFormat
from tests.fake_engine import FakeEngine, echo
from tests.items import ENGLISH, PAGE

TITLE = "Xã Ia Mơ mở chợ"
TEXT = "Sáng 12-5, xã Ia Mơ khai trương phiên chợ nông sản."
LONG = f"{TEXT} Chợ bán gạo, điều và mật ong của 38 hộ dân trong xã vùng biên này."
FRAGMENT = f"<p>{TEXT}</p><p>Chợ bán gạo, điều và mật ong của 38 hộ dân trong xã vùng biên này.</p>"


def count(texts):
    return [len(one.split()) for one in texts]


@pytest.fixture(scope="module")
def digester():
    return Digester(Translator(FakeEngine(echo), load_lexicon()), Summarizer(FakeEngine(echo)))


def digest(digester, item, **options):
    return digest_item(digester, item, Recipe.of(ArchiveOptions(**options)), count)


@pytest.mark.parametrize(
    ("title", "text", "joined"),
    [
        (None, TEXT, TEXT),
        ("  ", TEXT, TEXT),
        (TITLE, TEXT, f"{TITLE}\n\n{TEXT}"),
        (TITLE, f"{TITLE}\n\n{TEXT}", f"{TITLE}\n\n{TEXT}"),
        (TITLE.upper(), f"\n {TITLE}\n{TEXT}", f"\n {TITLE}\n{TEXT}"),
        (unicodedata.normalize("NFD", TITLE), f"{TITLE}\n{TEXT}", f"{TITLE}\n{TEXT}"),
        ("Xã Ia Mơ\nmở  chợ", TEXT, f"{TITLE}\n\n{TEXT}"),
    ],
)
def test_a_title_in_a_field_of_its_own_is_the_first_line_once(title, text, joined):
    assert text_with_title(ArchiveItem("a", text, title=title)) == joined


@pytest.mark.parametrize(
    ("item", "headline"),
    [
        (ArchiveItem("a", TEXT, title=TITLE), "EN: Xa Ia Mo mo cho"),
        (ArchiveItem("a", FRAGMENT, TextFormat.HTML, TITLE), "EN: Xa Ia Mo mo cho"),
        (
            ArchiveItem("a", PAGE, TextFormat.HTML, TITLE),
            "EN: Xa vung bien mo phien cho nong san dau mua mua",
        ),
    ],
)
def test_the_headline_is_the_title_or_the_pages_own(digester, item, headline):
    done = digest(digester, item, summarize=None).result
    assert isinstance(done, Done) and done.headline == headline
    first = json.loads(done.line)["digest"]["elements"][0]
    assert (first["kind"], first["target"]) == ("headline", headline)


@pytest.mark.parametrize(
    ("above", "headline"),
    [
        (f"Trang chủ\n\nKinh tế\n\n{TITLE}\n\n", "EN: Xa Ia Mo mo cho"),
        (f"Thứ ba, 28/10/2025 | 08:15\n\n{TITLE}\n\n", "EN: Xa Ia Mo mo cho"),
        ("Thứ ba, 28/10/2025 | 08:15\n\n", f"EN: {fold_diacritics(LONG)}"[:160]),
    ],
)
def test_neither_a_menu_nor_the_date_above_it_is_the_headline(digester, above, headline):
    done = digest(digester, ArchiveItem("a", f"{above}{LONG}\n"), summarize=None).result
    assert isinstance(done, Done) and done.headline == headline


def test_a_record_has_all_that_the_archive_says_and_the_digest(digester):
    item = ArchiveItem("a#1", TEXT, title=TITLE, id="7", date="5-6", language="vi")
    outcome = digest(digester, item)
    record = json.loads(outcome.result.line)
    assert list(record) == [
        "origin", "id", "title", "date", "language", "content_hash", "status", "source", "digest",
    ]  # fmt: skip
    assert (record["id"], record["date"], record["source"]) == ("7", "5-6", TEXT)
    assert record["content_hash"] == item.content_hash == outcome.content_hash
    assert record["digest"]["summary"]["text"] and record["digest"]["timings"]["total_s"] >= 0
    digested = record["digest"]["elements"]
    texts = [text for one in digested for text in (one["source"], one["target"])]
    assert outcome.result.tokens == sum(count([*texts, record["digest"]["summary"]["text"]]))
    assert outcome.result.characters == sum(len(one["source"]) for one in digested)


@pytest.mark.parametrize(
    ("text", "trouble", "reason"),
    [
        (ENGLISH, Trouble.REJECTED, "only Vietnamese"),
        (" \n", Trouble.REJECTED, "empty"),
        ("Đoạn này bị HỎNG nên không dịch được.", Trouble.FAILED, "told to fail"),
    ],
)
def test_an_item_that_cannot_be_digested_says_why(digester, text, trouble, reason):
    failure = digest(digester, ArchiveItem("a", text)).result
    assert failure.trouble is trouble and reason in failure.reason


def test_an_error_that_nobody_foresaw_is_a_failure_of_the_item_and_logs_no_text(capsys):
    def stumble(one, options):
        raise ZeroDivisionError(one.source)

    engine = FakeEngine(stumble)
    own = Digester(Translator(engine, load_lexicon()), Summarizer(engine))
    failure = digest(own, ArchiveItem("a", TEXT)).result
    assert failure.trouble is Trouble.FAILED and "ZeroDivisionError" in failure.reason
    told = capsys.readouterr()
    assert "Ia Mơ" not in told.out + told.err + failure.reason
