"""From the text of one item to its digest, without HTTP."""

import pytest

from models.engine import EngineTraits
from models.gazetteer import report_places
from models.lexicon import load_lexicon
from models.names import fold_diacritics
from models.summarizer import SummarizeOptions, Summarizer
from models.translator import TranslateOptions, Translator
from service.article import Kind
from service.extracting import NoArticle
from service.language import NotVietnamese
from service.normalizing import EmptyText, LegacyEncoding
from service.pipeline import (
    DigestDone,
    Digester,
    DigestOptions,
    ElementDone,
    ItemParsed,
    SummaryDone,
    TextFormat,
    TextTooLong,
    read_item,
)
from tests.fake_engine import FakeEngine, echo
from tests.items import ENGLISH, ITEM, PAGE, SHORT


@pytest.fixture
def engine():
    return FakeEngine(echo)


@pytest.fixture
def digester(engine):
    return Digester(Translator(engine, load_lexicon()), Summarizer(engine))


@pytest.mark.parametrize(
    ("text", "form", "limit", "error"),
    [
        ("", TextFormat.TEXT, None, EmptyText),
        ("\u200b\n", TextFormat.TEXT, None, EmptyText),
        (ENGLISH, TextFormat.TEXT, None, NotVietnamese),
        ("Vieät Nam tröôûng hoïc", TextFormat.TEXT, None, LegacyEncoding),
        ("<p></p>", TextFormat.HTML, None, NoArticle),
        (SHORT, TextFormat.TEXT, len(SHORT) - 1, TextTooLong),
        (PAGE, TextFormat.HTML, 200, TextTooLong),
        (PAGE, TextFormat.HTML, 50, TextTooLong),
    ],
)
def test_what_cannot_be_read_says_why(text, form, limit, error):
    with pytest.raises(error):
        read_item(text, form, limit)


def test_a_text_of_just_the_limit_is_read():
    assert read_item(SHORT, TextFormat.TEXT, len(SHORT)).source == SHORT
    assert read_item(SHORT * 100, TextFormat.TEXT).source == SHORT * 100


def test_an_error_of_the_text_comes_before_any_event_and_any_call(digester, engine):
    with pytest.raises(NotVietnamese):
        next(digester.stream(ENGLISH))
    assert engine.calls == []


def test_each_element_is_out_before_the_next_is_asked_for(digester, engine):
    events = digester.stream(ITEM)
    article = next(events).article
    assert engine.calls == []
    for element in article.visible:
        before = len(engine.calls)
        event = next(events)
        assert isinstance(event, ElementDone) and event.element.element == element
        assert (len(engine.calls) > before) == element.translatable
    events.close()
    asked = {call.source for call, _ in engine.calls}
    assert not any(one.startswith("Summarize") for one in asked), "closing must stop the work"


def test_events_end_with_the_summary_and_the_whole(digester):
    events = list(digester.stream(ITEM))
    assert isinstance(events[0], ItemParsed)
    assert [type(one) for one in events[-2:]] == [SummaryDone, DigestDone]
    digest = events[-1].digest
    assert digest.elements == tuple(e.element for e in events if isinstance(e, ElementDone))
    assert digest.summary == events[-2].summary
    assert digest.timings.total_s > 0


FIXED = [
    ("Ảnh: Hà Duy", "Photo: Ha Duy"),
    ("Ảnh: TTXVN phát", "Photo: TTXVN handout"),
    ("Ảnh minh họa: Hà Duy", "Illustrative photo: Ha Duy"),
    ("Ảnh minh hoạ", "Illustrative photo"),
    ("Ảnh tư liệu: TTXVN", "File photo: TTXVN"),
]


@pytest.mark.parametrize(("credit", "english"), FIXED)
def test_credits_have_english_without_the_model(digester, engine, credit, english):
    text = ITEM.replace("Ảnh: Nguyễn Hoa", credit)
    [element] = [
        one for one in digester.translate(text).elements if one.element.kind is Kind.CREDIT
    ]
    assert (element.element.text, element.target) == (credit, english)
    assert (element.attempts, element.issues) == (0, ())
    assert not any(credit in call.source for call, _ in engine.calls)


def test_a_doubled_byline_is_given_once_and_folded_unless_kept(digester):
    text = ITEM.replace("\nNguyễn Hoa\n", "\nNguyễn Hoa Nguyễn Hoa\n")
    for keep, name in ((False, "Nguyen Hoa"), (True, "Nguyễn Hoa")):
        options = DigestOptions(translate=TranslateOptions(keep))
        found = digester.translate(text, options).elements
        bylines = [one.target for one in found if one.element.kind is Kind.BYLINE]
        assert bylines == [name]


def test_the_summary_is_made_of_the_body(digester, engine):
    digester.digest(ITEM, DigestOptions(summarize=SummarizeOptions(80)))
    request = "\n".join(call.source for call, _ in engine.calls if "Use the words" in call.source)
    for part in ("46 gian hang", "38 ho dan", "4 km"):
        assert part in request
    for part in ("Photo:", "Khach chon mua", ".jpg", "GLO"):
        assert part not in request


def test_an_item_without_a_paragraph_has_no_summary(digester):
    text = "Từ khóa: chợ phiên, nông sản, Gia Lai"
    digest = digester.digest(text)
    assert {one.element.kind for one in digest.elements} == {Kind.TAGS}
    assert (digest.summary, digest.summarizer) == (None, None)


def test_places_are_those_of_what_is_translated_once_each_in_order(digester):
    text = ITEM.replace("trong xã.", "trong xã. Chợ cũng đón hộ dân của xã Ia Mơ và tỉnh Kon Tum.")
    text = text.replace("Khách chọn", "Khách từ phường Quy Nhơn chọn")
    text = text.replace("Ảnh: Nguyễn Hoa", "Ảnh: Báo Thanh Hóa")
    digest = digester.translate(text)
    assert [one.text for one in digest.places] == ["xã Ia Mơ", "tỉnh Kon Tum", "phường Quy Nhơn"]
    [credit] = [one.element for one in digest.elements if one.element.kind is Kind.CREDIT]
    assert report_places([credit.text]) != ()
    assert digester.digest(text).places == digest.places
    assert digester.translate("Từ khóa: chợ phiên, nông sản").places == ()


def test_two_digests_of_one_text_agree(digester):
    first, second = digester.digest(ITEM), digester.digest(ITEM)
    assert (first.elements, first.summary) == (second.elements, second.summary)


def test_the_engine_sees_each_source_as_it_is(digester, engine):
    found = digester.translate(ITEM).elements
    wanted = [one.element.text for one in found if one.element.translatable]
    asked = list(dict.fromkeys(call.source for call, _ in engine.calls))
    assert [one for one in asked if one in wanted] == wanted
    assert all(fold_diacritics(one.target) == one.target for one in found if one.target)


def test_an_engine_that_takes_batches_gets_the_elements_of_an_item_at_once():
    traits = EngineTraits(instructed=False, batch_tokens=512, beam_size=5)
    engine = FakeEngine(echo, traits=traits)
    digester = Digester(Translator(engine, load_lexicon()), Summarizer(FakeEngine(echo)))
    alone = Digester(Translator(FakeEngine(echo), load_lexicon()), Summarizer(FakeEngine(echo)))
    digest = digester.translate(ITEM)
    translated = [one for one in digest.elements if one.element.translatable]
    assert len(translated) > 3
    assert engine.batches[0] >= len(translated)
    assert [one.target for one in digest.elements] == [
        one.target for one in alone.translate(ITEM).elements
    ]
    long = "\n".join(f"Xã thứ {n} của huyện miền núi họp bàn việc làm đường." for n in range(40))
    kinds = [type(event) for event in digester.stream(long, with_summary=False)]
    assert kinds.count(ElementDone) == len(digester.translate(long).elements)


def test_a_person_named_in_full_elsewhere_is_known_by_the_given_name():
    english = {
        "Công an": "Police arrested Tran Quoc Buu in Ia Krai Commune.",
        "Chiếc xe": "The car that Bui drove was stopped at night.",
    }
    engine = FakeEngine(
        lambda one, _: next((en for vi, en in english.items() if one.source.startswith(vi)), "No.")
    )
    digester = Digester(Translator(engine, load_lexicon()), Summarizer(engine))
    digest = digester.translate(
        "Công an bắt Trần Quốc Bửu tại xã Ia Krái.\n\nChiếc xe do Bửu lái bị dừng lại lúc ban đêm."
    )
    last = digest.elements[-1]
    assert [one.issues for one in digest.elements[:-1] if one.issues] == []
    assert [(one.source_value, one.target_value) for one in last.issues] == [
        ("Bửu", None),
        (None, "Bui"),
    ]
    assert "Bửu = Buu" in engine.calls[-1][0].instruction
