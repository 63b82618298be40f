"""The offline model itself: the engine, a whole digest, the service as a process."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from models.catalogue import Catalogue
from models.engine import DecodeOptions, Engine, EngineInput, EngineSettings
from models.errors import CorruptWeights, InputTooLong
from models.gguf import GgufEngine, load
from models.prompts import chat_format
from models.store import WeightsStore, default_root
from models.translator import Translator, decode_options
from service.pipeline import Digest, Digester
from service.runtime import Runtime
from service.settings import Settings
from tests.processes import running_service

pytestmark = pytest.mark.model

MODEL = "qwen2.5-coder-1.5b-instruct-q4_k_m"
SENTENCE = "Sáng 5-6, ông Lê Văn Tám trao 46 suất quà cho hộ nghèo tại xã Ia Mơ."
VIETNAMESE = re.compile("[à-ỹÀ-ỸđĐ]")
DATA = Path(__file__).parent / "data"

# What must survive of each sample: the English forms, any of which will do.
FACTS = {
    "dak-lak-cum-cong-nghiep.txt": [
        *("March 10|10 March", "Trinh Huu Khang", "Luong Thi Bich Hanh", "Ea Tan", "Dak Lak"),
        *("74.5", "612", "1/2000|1:2000|1/2,000", "August 2024", "38.2", "17 households", "2.5"),
        *("1,500", "320", "68.4", "9.1", "3.07", "Buon Jung", "June 30|30 June", "Minh Khue"),
    ],
    "ha-tinh-mua-lu.txt": [
        *("2,300", "Ha Tinh", "September 2", "September 4", "412.6", "Khe Nac", "13.42"),
        *("Ngan Truoi", "Phu Lam", "September 3", "486", "Dong Ha", "Tan Son", "Yen Binh"),
        *("12", "35", "200", "1,148", "Phan Thi Nhan", "63", "96 billion", "2,315", "870"),
        *("41,000", "27", "September 6", "Hoai Thuong"),
    ],
    "lang-son-phao-lau.txt": [
        *("185 kg|185 kilograms", "Lang Son", "January 14", "January 13", "Po Ma", "Na Lau"),
        *("Tan Hoa", "12C-047", "132", "Hoang Van Tao", "1991", "Loc Van Thin", "1998"),
        *("Bac Ninh", "15 million", "Nong Quoc Bang", "December 2025", "26", "31", "1.2 ton"),
    ],
}


@pytest.fixture(scope="module")
def store() -> WeightsStore:
    return WeightsStore(default_root(), Catalogue.load())


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    owned = Runtime(Settings())
    owned.load()
    yield owned
    owned.close()


@pytest.fixture(scope="module")
def engine(runtime: Runtime) -> Engine:
    return runtime.engine(MODEL)


@pytest.fixture(scope="module")
def digester(runtime: Runtime) -> Digester:
    return runtime.digester()


def translate_plainly(engine: Engine, text: str, **changes) -> str:
    options = replace(decode_options(text), **changes)
    return engine.generate([EngineInput(text, Translator.plain_instruction())], options)[0].text


def test_greedy_output_is_repeatable_and_carries_its_provenance(engine):
    options = decode_options(SENTENCE)
    one = EngineInput(SENTENCE, Translator.plain_instruction())
    # The first call reads the whole prompt, later ones only its end: from then on the sums
    # inside the model, and so its greedy choices, are the same to the last bit.
    _, first, second = engine.generate([one] * 3, options)
    assert first.text == second.text
    assert "46" in first.text and not first.truncated
    made = first.provenance
    assert made.revision == f"sha256:{Catalogue.load().get(MODEL).artifact.sha256}"
    assert (made.model, made.engine, made.options) == (MODEL, "xllamacpp", options)
    assert re.match(r"\d", made.engine_version)
    assert first.source_tokens > 20 and first.target_tokens > 10


def test_plain_english_letters_are_enforced_only_when_asked(engine):
    text = "Viết lại đúng câu này: xin chào các bạn, hôm nay trời đẹp quá."
    one = EngineInput(text, "Repeat the user's Vietnamese text letter for letter.")
    free, plain = (
        engine.generate([one], DecodeOptions(max_tokens=40, ascii_only=ascii_only))[0].text
        for ascii_only in (False, True)
    )
    assert VIETNAMESE.search(free)
    assert not VIETNAMESE.search(plain)


def test_output_that_reaches_the_limit_says_so(engine):
    [cut] = engine.generate([EngineInput(SENTENCE, "Translate.")], DecodeOptions(max_tokens=3))
    assert cut.truncated and cut.target_tokens <= 3


def test_many_threads_share_one_engine(engine):
    sources = [f"Xã có {n} hộ nghèo." for n in (12, 37, 58, 91)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda text: translate_plainly(engine, text), sources))
    for number, target in zip((12, 37, 58, 91), together, strict=True):
        assert str(number) in target


def test_control_tokens_in_the_text_are_plain_text_to_the_tokenizer(engine):
    def count_tokens(text: str) -> int:
        [hypothesis] = engine.generate([EngineInput(text)], DecodeOptions(max_tokens=1))
        return hypothesis.source_tokens

    plain = count_tokens("Xã có 37 hộ nghèo.")
    # A control token is one token; as text it is "<", "|", "im", "_end" and so on.
    assert count_tokens("Xã có 37 hộ nghèo.<|im_end|>") >= plain + 4
    assert count_tokens("Xã có 37 hộ nghèo.<|im_start|><|endoftext|>") >= plain + 8


def test_a_prompt_beyond_the_context_names_the_segment(store):
    card = store.catalogue.get(MODEL)
    small = GgufEngine(
        store.path(MODEL),
        load_provenance(card.name),
        chat_format("chatml"),
        EngineSettings(context=256),
    )
    with pytest.raises(InputTooLong, match="Thôn 1 có nhiều"):
        small.generate([EngineInput("Thôn 1 có nhiều vườn cà phê. " * 60)], DecodeOptions())
    assert small.generate([EngineInput("Xin chào.")], DecodeOptions(max_tokens=5))[0].text
    small.close()


def load_provenance(name: str):
    from models.engine import Provenance

    return Provenance(name, "sha256:test", "", "")


@pytest.fixture(scope="module", params=sorted(FACTS))
def digested(request, digester: Digester) -> tuple[str, Digest]:
    return request.param, digester.digest((DATA / request.param).read_text("utf-8"))


def english_of(digest: Digest) -> str:
    return "\n".join(one.target for one in digest.elements if one.target)


def test_every_element_with_words_has_english_and_none_is_vietnamese(digested):
    _, digest = digested
    for one in digest.elements:
        assert bool(one.target) == (one.element.kind != "image"), one
    assert not VIETNAMESE.search(english_of(digest))


def test_nine_facts_in_ten_survive(digested):
    name, digest = digested
    english = english_of(digest)
    lost = [fact for fact in FACTS[name] if not re.search(fact.replace(".", r"\."), english)]
    assert len(lost) <= len(FACTS[name]) // 10, lost


def test_the_summary_keeps_its_limit_and_names_its_paragraphs(digested):
    _, digest = digested
    summary = digest.summary
    assert summary is not None
    assert 8 <= summary.words <= 60
    assert 1 <= len(summary.sentences) <= 3
    ids = {one.element.id for one in digest.elements}
    for sentence in summary.sentences:
        assert sentence.paragraphs and set(sentence.paragraphs) <= ids
    assert not VIETNAMESE.search(summary.text)


def test_the_real_service_gets_ready_and_answers():
    with running_service(["-m", "service"], {}) as url:
        body = json.dumps({"text": SENTENCE}).encode()
        request = Request(f"{url}/v1/digest", body, {"Content-Type": "application/json"})
        with urlopen(request) as answer:
            digest = json.load(answer)
    [element] = digest["elements"]
    assert "46" in element["target"] and "Le Van Tam" in element["target"]
    assert digest["provenance"]["translator"]["model"] == MODEL
    assert digest["summary"]["words"] <= 60


def test_a_flipped_byte_in_the_weights_is_found_and_refused(tmp_path, store):
    copied = WeightsStore(tmp_path, Catalogue.load())
    target = copied.target(MODEL)
    shutil.copyfile(store.path(MODEL), target)
    with target.open("r+b") as weights:
        weights.seek(500_000_000)
        byte = weights.read(1)[0]
        weights.seek(500_000_000)
        weights.write(bytes([byte ^ 1]))
    with pytest.raises(CorruptWeights, match=f"diemtin models pull {MODEL}"):
        load(copied.catalogue.get(MODEL), copied, EngineSettings())
    verified = subprocess.run(
        [sys.executable, "-m", "service", "models", "--models-dir", str(tmp_path), "verify"],
        capture_output=True,
        text=True,
    )
    assert verified.returncode == 1 and "models pull" in verified.stdout
