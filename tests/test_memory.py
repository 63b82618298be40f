"""Nothing is generated twice, and nothing that was made otherwise is taken for the same."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path

import pytest

from models.engine import DecodeOptions, EngineInput, EngineTraits, Hypothesis, Provenance
from models.errors import BadConfig, EngineFailed
from models.memory import RememberingEngine, StoredHypothesis, make_key, open_memory
from models.memory_store import MemoryStore
from tests.fake_engine import FAIL, FakeEngine, echo

OPTIONS = DecodeOptions(beam_size=2)
MADE = Provenance("opus", "sha256:0", "ctranslate2", "4.8.5 int8", OPTIONS)
ONE = EngineInput("Mưa lớn ở Hà Tĩnh", "Translate. Glossary: Hà Tĩnh", "EN:")


class BatchEngine(FakeEngine):
    """Remembers whole calls, and can be held in the middle of one."""

    def __init__(self, model: str = "fake") -> None:
        super().__init__(echo, model)
        self.asked: list[list[str]] = []
        self.entered = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()
        self.closed = False

    @property
    def traits(self) -> EngineTraits:
        return EngineTraits(instructed=False, window=512, batch_tokens=4096)

    def count_tokens(self, sources: Sequence[str]) -> list[int]:
        return [7] * len(sources)

    def generate(self, inputs: Sequence[EngineInput], options: DecodeOptions) -> list[Hypothesis]:
        self.asked.append([one.source for one in inputs])
        self.entered.set()
        assert self.go_on.wait(30)
        return super().generate(inputs, options)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def store(tmp_path: Path):
    opened = MemoryStore(f"sqlite:///{tmp_path / 'memory.sqlite'}", 8)
    yield opened
    opened.close()


@pytest.fixture
def engine() -> BatchEngine:
    return BatchEngine()


@pytest.fixture
def remembering(engine: BatchEngine, store: MemoryStore) -> RememberingEngine:
    return RememberingEngine(engine, store, "1.0")


def ask(engine: RememberingEngine, *sources: str, options: DecodeOptions = OPTIONS) -> list[str]:
    made = engine.generate([EngineInput(source) for source in sources], options)
    return [one.text for one in made]


OTHER_OPTIONS = {
    "max_tokens": 64,
    "temperature": 0.7,
    "repeat_penalty": 1.1,
    "ascii_only": True,
    "seed": 1,
    "beam_size": 5,
    "min_tokens": 1,
    "length_penalty": 0.9,
    "no_repeat_ngram": 3,
    "hypotheses": 2,
}


def test_the_table_of_options_is_whole() -> None:
    assert set(OTHER_OPTIONS) == {field.name for field in fields(DecodeOptions)}


CHANGES = [
    (replace(ONE, source=ONE.source + " "), MADE, "1.0"),
    (replace(ONE, source="Mua lớn ở Hà Tĩnh"), MADE, "1.0"),
    (replace(ONE, instruction="Translate. Glossary: Hà Nội"), MADE, "1.0"),
    (replace(ONE, prefix=""), MADE, "1.0"),
    (ONE, replace(MADE, model="envit5"), "1.0"),
    (ONE, replace(MADE, revision="sha256:1"), "1.0"),
    (ONE, replace(MADE, engine="transformers"), "1.0"),
    (ONE, replace(MADE, engine_version="4.8.5 float32"), "1.0"),
    (ONE, MADE, "1.0.1"),
    *(
        (ONE, replace(MADE, options=replace(OPTIONS, **{name: value})), "1.0")
        for name, value in OTHER_OPTIONS.items()
    ),
]


def test_every_change_makes_another_key() -> None:
    keys = [make_key(*change) for change in [(ONE, MADE, "1.0"), *CHANGES]]
    assert len(set(keys)) == len(keys) == 20
    assert make_key(replace(ONE), replace(MADE), "1.0") == keys[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (EngineInput("ab", "c"), EngineInput("a", "bc")),
        (EngineInput("a", "", "b"), EngineInput("a", "b", "")),
        (EngineInput('a", "b'), EngineInput("a", "b")),
        (EngineInput("a\0b"), EngineInput("a", "b")),
        (EngineInput("\U0001f600"), EngineInput("\ud83d\ude00")),
        (EngineInput("\\u00e9"), EngineInput("é")),
        (EngineInput("é"), EngineInput("e\u0301")),
    ],
)
def test_fields_do_not_run_together(one: EngineInput, other: EngineInput) -> None:
    assert make_key(one, MADE, "1.0") != make_key(other, MADE, "1.0")


def test_a_changed_option_is_generated_anew(
    remembering: RememberingEngine, engine: BatchEngine
) -> None:
    for name, value in OTHER_OPTIONS.items():
        ask(remembering, "Tin", options=replace(OPTIONS, **{name: value}))
    assert len(engine.asked) == len(OTHER_OPTIONS)


def test_only_what_is_new_is_generated_and_in_one_call(
    remembering: RememberingEngine, engine: BatchEngine
) -> None:
    assert ask(remembering, "Ảnh: TTXVN", "Tin một", "Ảnh: TTXVN") == [
        "EN: Anh: TTXVN",
        "EN: Tin mot",
        "EN: Anh: TTXVN",
    ]
    assert ask(remembering, "Tin hai", "Tin một", "Tin ba", "Ảnh: TTXVN") == [
        "EN: Tin hai",
        "EN: Tin mot",
        "EN: Tin ba",
        "EN: Anh: TTXVN",
    ]
    assert engine.asked == [["Ảnh: TTXVN", "Tin một"], ["Tin hai", "Tin ba"]]
    assert (remembering.hits, remembering.misses) == (3, 4)


def test_all_known_or_nothing_asked_leaves_the_engine_alone(
    remembering: RememberingEngine, engine: BatchEngine
) -> None:
    ask(remembering, "Tin")
    ask(remembering, "Tin", "Tin")
    assert remembering.generate([], OPTIONS) == []
    assert engine.asked == [["Tin"]]


def test_memory_outlives_the_process(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'memory.sqlite'}"
    options = replace(OPTIONS, beam_size=5, max_tokens=3)
    made = []
    for _ in range(2):
        engine, store = BatchEngine(), MemoryStore(url, 8)
        remembering = RememberingEngine(engine, store, "1.0")
        made.append(remembering.generate([EngineInput("Tin dài <cut>")], options)[0])
        store.close()
    assert made[0] == made[1]
    assert made[1].truncated
    assert made[1].provenance == engine.provenance(options)
    assert engine.asked == []


def test_forced_tokens_take_no_part(remembering: RememberingEngine, engine: BatchEngine) -> None:
    ask(remembering, "Tin")
    forced = EngineInput("Tin", forced_tokens=9)
    made = remembering.generate([forced, EngineInput("Tin"), forced], OPTIONS)
    assert [one.text for one in made] == ["EN: Tin"] * 3
    assert engine.asked == [["Tin"], ["Tin", "Tin"]]
    assert (remembering.hits, remembering.misses) == (1, 1)


@pytest.mark.parametrize("store_works", [True, False])
def test_concurrent_callers_share_one_generation(
    remembering: RememberingEngine, engine: BatchEngine, store: MemoryStore, store_works: bool
) -> None:
    if not store_works:
        store.close()
    engine.go_on.clear()
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(ask, remembering, "chung", "riêng 0")
        assert engine.entered.wait(30)
        others = [pool.submit(ask, remembering, f"riêng {n}", "chung") for n in range(1, 8)]
        while len(engine.asked) < 8:
            threading.Event().wait(0.01)
        engine.go_on.set()
        assert first.result(30) == ["EN: chung", "EN: rieng 0"]
        assert [one.result(30)[1] for one in others] == ["EN: chung"] * 7
    assert sum(batch.count("chung") for batch in engine.asked) == 1
    assert (remembering.hits, remembering.misses) == (7, 9)


def test_many_threads_generate_each_text_once(
    remembering: RememberingEngine, engine: BatchEngine
) -> None:
    def work(seed: int) -> None:
        for turn in range(20):
            sources = [f"tin {(seed * 7 + turn * 3 + n * (1 + seed % 4)) % 60}" for n in range(8)]
            assert ask(remembering, *sources) == [f"EN: {source}" for source in sources]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    generated = [source for batch in engine.asked for source in batch]
    assert len(generated) == len(set(generated)) == remembering.misses


def test_who_waits_for_a_caller_that_fails_generates_itself(
    remembering: RememberingEngine, engine: BatchEngine
) -> None:
    engine.go_on.clear()
    with ThreadPoolExecutor(2) as pool:
        failing = pool.submit(ask, remembering, "chung", f"{FAIL} một")
        assert engine.entered.wait(30)
        waiting = pool.submit(ask, remembering, "chung")
        engine.go_on.set()
        with pytest.raises(EngineFailed, match="told to fail"):
            failing.result(30)
        assert waiting.result(30) == ["EN: chung"]
    assert ask(remembering, "chung") == ["EN: chung"]


def test_a_failure_is_not_remembered(remembering: RememberingEngine, engine: BatchEngine) -> None:
    for _ in range(2):
        with pytest.raises(EngineFailed):
            ask(remembering, FAIL)
    assert len(engine.asked) == 2


def test_a_store_that_cannot_work_costs_only_the_memory(tmp_path: Path) -> None:
    store, engine = MemoryStore(f"sqlite:///{tmp_path}", 8), BatchEngine()
    remembering = RememberingEngine(engine, store, "1.0")
    for _ in range(2):
        assert ask(remembering, "Tin", "Tin") == ["EN: Tin"] * 2
        store.flush()
    assert engine.asked == [["Tin"]] * 2
    store.close()


def test_the_engine_behind_shows_through(
    remembering: RememberingEngine, engine: BatchEngine, store: MemoryStore
) -> None:
    assert remembering.traits == engine.traits
    assert remembering.count_tokens(["a", "b"]) == [7, 7]
    assert remembering.provenance(OPTIONS) == engine.provenance(OPTIONS)
    ask(remembering, "Tin")
    remembering.close()
    assert engine.closed
    assert ask(RememberingEngine(BatchEngine(), store, "1.0"), "Tin") == ["EN: Tin"]


@pytest.mark.parametrize("provenance", ["", "[]", "{}", '{"model": 1}', '{"options": {"x": 1}}'])
def test_provenance_of_another_form_is_a_miss(provenance: str) -> None:
    assert StoredHypothesis("x", 1, 1, False, provenance).restore() is None


class BeamEngine(BatchEngine):
    """Has two more beams, one with a letter that no database takes."""

    def generate(self, inputs: Sequence[EngineInput], options: DecodeOptions) -> list[Hypothesis]:
        others = ("Tin “2”", "\0\ud800")
        return [replace(one, alternatives=others) for one in super().generate(inputs, options)]


def test_the_other_beams_are_remembered_with_the_best(store: MemoryStore) -> None:
    engine = BeamEngine()
    first, again = (
        RememberingEngine(engine, store, "1.0").generate([ONE], OPTIONS) for _ in range(2)
    )
    assert store.flush()
    [read] = RememberingEngine(engine, store, "1.0").generate([ONE], OPTIONS)
    assert first == again == [read]
    assert read.alternatives == ("Tin “2”", "\0\ud800")
    assert len(engine.asked) == 1


@pytest.mark.parametrize("alternatives", ["", "[", "5"])
def test_alternatives_of_another_form_are_a_miss(alternatives: str) -> None:
    sound = StoredHypothesis.of(BatchEngine().generate([ONE], OPTIONS)[0])
    assert sound.restore() is not None
    assert replace(sound, alternatives=alternatives).restore() is None


def test_alternatives_are_part_of_the_checksum() -> None:
    sound = StoredHypothesis.of(BatchEngine().generate([ONE], OPTIONS)[0])
    changed = replace(sound, alternatives='["Tin"]')
    assert sound.checksum(b"k" * 32) != changed.checksum(b"k" * 32)


@pytest.mark.parametrize("setting", ["", "on", " ON ", "other.sqlite", "sqlite:///other.sqlite"])
def test_a_setting_opens_a_file(setting: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    default = tmp_path / "mặc định" / "a b%20?x=1#.sqlite"
    store = open_memory(setting, 1, default)
    assert list(tmp_path.iterdir()) == []
    store.put_many({b"k" * 32: StoredHypothesis("Tin", 1, 1, False, "{}")})
    store.close()
    assert default.exists() == (setting.strip().lower() in ("", "on"))
    assert (tmp_path / "other.sqlite").exists() != default.exists()


def test_off_is_no_memory(tmp_path: Path) -> None:
    assert open_memory("off", 1, tmp_path / "x") is None
    assert open_memory(" OFF ", 0, tmp_path / "x") is None


@pytest.mark.parametrize(
    ("setting", "limit", "message"),
    [
        ("mysql://u:geheim@h/d", 1, "'mysql'.*postgresql"),
        ("postgresql+asyncpg://u:geheim@h/d", 1, "asyncpg"),
        ("postgresql+psycopg://u:geheim@h:port/d", 1, "malformed"),
        ("sqlite://", 1, "needs a file"),
        ("sqlite:///:memory:", 1, "needs a file"),
        ("{folder}", 1, "is a folder; name a file"),
        ("sqlite:///{folder}", 1, "is a folder; name a file"),
        ("true", 1, "say on, off"),
        ("on", 0, "at least 1 MiB"),
    ],
)
def test_an_unusable_setting_is_refused(
    setting: str, limit: int, message: str, tmp_path: Path
) -> None:
    with pytest.raises(BadConfig, match=message) as caught:
        open_memory(setting.format(folder=tmp_path), limit, tmp_path / "x")
    assert "geheim" not in str(caught.value)
