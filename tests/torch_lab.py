"""Real torch engines over tiny checkpoints, loaded once a process, and a view into them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

from models.catalogue import Catalogue
from models.engine import DecodeOptions, EngineInput, EngineSettings
from models.store import WeightsStore
from models.transformers_engine import load
from tests.tiny_checkpoints import FORMS, MEMORISED, cached_checkpoint, cached_memorised, tiny_card

FLOAT32 = EngineSettings(compute_type="float32", device="cpu", threads=1)
SEQ2SEQ = tuple(form for form in FORMS if form not in ("causal", "gemma3"))
SOURCES = [source for source, _ in MEMORISED]
TARGETS = [target for _, target in MEMORISED]
# No n-gram twice: a tiny model of random weights would write one word for ever.
VARIED = DecodeOptions(max_tokens=12, min_tokens=3, no_repeat_ngram=2)


def open_engine(family, folder, settings=FLOAT32, recipe=None):
    store = WeightsStore(folder.parent / "store", Catalogue({}, {}))
    return load(tiny_card(family, folder, recipe), store, settings)


@cache
def engine_of(family):
    """The engine of a family's tiny checkpoint, in float32."""
    return open_engine(family, cached_checkpoint(family))


@cache
def knowing(compute_type="float32"):
    """An engine with the model that has learnt the pairs by heart."""
    settings = EngineSettings(compute_type=compute_type, device="cpu", threads=1)
    return open_engine("marian", cached_memorised(), settings)


def texts(engine, sources, options=VARIED, **extra):
    return [h.text for h in engine.generate([EngineInput(s, **extra) for s in sources], options)]


@dataclass
class Steps:
    """What a model was given: the ids of each batch, and of each step of its decoder."""

    batches: list = field(default_factory=list)
    masks: list = field(default_factory=list)
    targets: list = field(default_factory=list)

    def begun(self, count):
        """The first ids of every row's target."""
        rows = zip(*self.targets, strict=False)
        return [[i for step in row for i in step][:count] for row in rows]


@contextmanager
def watched(engine) -> Iterator[Steps]:
    """Follow the model through torch's own hooks."""
    steps = Steps()

    def look(module, given, named):
        if "decoder_input_ids" in named:
            steps.targets.append(named["decoder_input_ids"].tolist())
        elif named["input_ids"].shape[1] > 1 or not steps.batches:
            steps.batches.append(named["input_ids"].tolist())
            steps.masks.append(named["attention_mask"].tolist())

    model = engine._model
    seen = [model, model.get_encoder()] if model.config.is_encoder_decoder else [model]
    hooks = [one.register_forward_pre_hook(look, with_kwargs=True) for one in seen]
    try:
        yield steps
    finally:
        for hook in hooks:
            hook.remove()


def tokens(engine, ids):
    return engine._tokenizer.convert_ids_to_tokens(ids)


def ids_of(engine, text):
    return engine._tokenizer(text_target=text, add_special_tokens=False).input_ids
