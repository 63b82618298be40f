"""Sequence-to-sequence checkpoints, run by CTranslate2."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.batching import plan_batches
from models.catalogue import ModelCard
from models.checkpoints import OpenCheckpoint, open_checkpoint
from models.conversion import (
    convert_checkpoint,
    import_ctranslate2,
    pick_compute_type,
    pick_device,
)
from models.ctranslate2_search import Search, copied_bytes, named
from models.engine import (
    DecodeOptions,
    Engine,
    EngineInput,
    EngineSettings,
    EngineTraits,
    Hypothesis,
    Provenance,
    other_texts,
)
from models.errors import BadConfig, EngineFailed
from models.recipes import FAMILIES
from models.seq2seq_coder import Coder, read_habits
from models.store import WeightsStore
from models.torch_loading import open_tokenizer

# On a CPU, replicas that share the weights are fastest with a few sentences each.
_BATCH_TOKENS = {"cpu": 256, "cuda": 8192}


def load(card: ModelCard, store: WeightsStore, settings: EngineSettings) -> CTranslate2Engine:
    """Open a model's checkpoint, convert it unless that was done before, and load it.

    Raises:
        MissingDependency: ctranslate2 or transformers is not installed.
        WeightsUnavailable: it has not been fetched, or the disk does not take the conversion.
        UnsafeWeights: it comes as a pickle, which the settings do not allow.
        BadConfig: it is a chat model, or device or compute type do not exist here.
        EngineFailed: CTranslate2 cannot convert or load it.
    """
    return load_checkpoint(open_checkpoint(card, settings), store, settings)


def load_checkpoint(
    checkpoint: OpenCheckpoint, store: WeightsStore, settings: EngineSettings
) -> CTranslate2Engine:
    """Convert an open checkpoint unless that was done before, and load it; see `load`."""
    if FAMILIES[checkpoint.family].causal:
        raise BadConfig(
            f"{checkpoint.name} is a chat model, which the ctranslate2 engine does not run; "
            "set the engine to auto or transformers."
        )
    model_type = str(checkpoint.config.get("model_type", ""))
    quantization = pick_compute_type(settings, pick_device(settings), model_type)
    folder = convert_checkpoint(checkpoint, store.root / "ctranslate2", quantization)
    return CTranslate2Engine(checkpoint, folder, settings)


@dataclass(frozen=True)
class _Task:
    """One input in CTranslate2's terms, where a token is its id as text.

    Args:
        source: with every special token.
        given: what the decoder is given, from its start token on.
        fewest: tokens after those given.
        most: likewise.
        exact: decode just as many as the most, for measuring.
    """

    source: list[str]
    given: list[str]
    fewest: int
    most: int
    exact: bool


class CTranslate2Engine(Engine):
    """One loaded conversion; its replicas share the weights and take batches in parallel.

    Text and options make the hypothesis, alone or in a batch, with two exceptions. CTranslate2
    draws what `temperature` asks for from a generator of each replica, which is seeded by
    chance when it starts, so `seed` cannot repeat a sample. And a beam search that meets its
    limit without an end has looked as far as the longest limit of its batch.
    """

    def __init__(
        self, checkpoint: OpenCheckpoint, converted: Path, settings: EngineSettings
    ) -> None:
        """Load the weights, which takes seconds at most.

        Raises:
            MissingDependency: ctranslate2 or transformers is not installed.
            BadConfig: device or compute type do not exist here, or the language codes.
            EngineFailed: CTranslate2 refused the conversion.
        """
        ctranslate2 = import_ctranslate2()
        device = pick_device(settings)
        model_type = str(checkpoint.config.get("model_type", ""))
        compute_type = pick_compute_type(settings, device, model_type)
        self._settings = settings
        self._closed = False
        self._replicas = settings.cpu_threads if device == "cpu" else 1
        self._batch_tokens = settings.batch_tokens or _BATCH_TOKENS[device]
        habits = read_habits(checkpoint)
        self._coder = Coder(checkpoint, open_tokenizer(checkpoint), habits)
        row = copied_bytes(checkpoint.config, compute_type, self._replicas)
        self._search = Search(converted, habits, row)
        self._language = checkpoint.recipe.language
        self._provenance = Provenance(
            checkpoint.name,
            f"sha256:{checkpoint.sha256}",
            "ctranslate2",
            f"{ctranslate2.__version__} {compute_type}",
        )
        with _library_errors():
            self._translator: Any = ctranslate2.Translator(
                str(converted),
                device=device,
                compute_type=compute_type,
                inter_threads=self._replicas,
                intra_threads=1,
                max_queued_batches=-1,
            )

    @property
    def traits(self) -> EngineTraits:
        """Small batches on all replicas at a time."""
        return EngineTraits(
            instructed=False,
            window=self._coder.window,
            batch_tokens=self._batch_tokens,
            parallel_calls=self._replicas,
            beam_size=self._settings.beam_size,
            language=self._language,
        )

    def count_tokens(self, sources: Sequence[str]) -> list[int]:
        """Source tokens of each text, prefix and special tokens included."""
        return [len(ids) for ids in self._coder.encode(sources)]

    def provenance(self, options: DecodeOptions) -> Provenance:
        """What a hypothesis decoded with these options will carry."""
        return replace(self._provenance, options=options)

    def close(self) -> None:
        """Free the weights; calls under way end before."""
        self._closed = True
        self._translator.unload_model()

    def generate(self, inputs: Sequence[EngineInput], options: DecodeOptions) -> list[Hypothesis]:
        """Return one hypothesis an input, in order; see `Engine.generate`.

        What the publisher set (fewest tokens, length and repetition penalty, n-grams that may
        not come twice) holds wherever the options leave the default.
        """
        if self._closed:
            raise EngineFailed(f"{self._provenance.model} has been closed; load it again.")
        tasks = [self._task(one, options) for one in inputs]
        batches = self._batches(tasks)
        with _library_errors():
            started = [self._start([tasks[at] for at in batch], options) for batch in batches]
            decoded = [[one.result().hypotheses for one in batch] for batch in started]
        made = {
            at: self._hypothesis(tasks[at], beams, options)
            for batch, targets in zip(batches, decoded, strict=True)
            for at, beams in zip(batch, targets, strict=True)
        }
        return [made[at] for at in range(len(tasks))]

    def _task(self, one: EngineInput, options: DecodeOptions) -> _Task:
        encoded = self._coder.encode_input(one, options)
        given = named(self._coder.first + encoded.prefix)
        exact = one.forced_tokens > 0
        return _Task(named(encoded.source), given, encoded.fewest, encoded.most, exact)

    def _batches(self, tasks: Sequence[_Task]) -> list[list[int]]:
        """Places of the tasks of each batch; what is forced in length keeps to itself."""
        groups: dict[tuple[bool, int, int], list[int]] = defaultdict(list)
        for at, task in enumerate(tasks):
            groups[task.exact, 0 if task.exact else task.fewest, len(task.given)].append(at)
        return [
            [group[member] for member in batch]
            for group in groups.values()
            for batch in plan_batches([len(tasks[at].source) for at in group], self._batch_tokens)
        ]

    def _start(self, batch: Sequence[_Task], options: DecodeOptions) -> list[Any]:
        given = len(batch[0].given) - 1  # the start token does not count
        started: list[Any] = self._translator.translate_batch(
            [task.source for task in batch],
            [task.given for task in batch],
            min_decoding_length=given + max(task.fewest for task in batch),
            max_decoding_length=given + max(task.most for task in batch),
            max_input_length=0,  # or the library would cut
            return_end_token=True,
            asynchronous=True,
            end_token=list(self._coder.ends),
            **self._search.arguments(options),
        )
        return started

    def _hypothesis(
        self, task: _Task, beams: list[list[str]], options: DecodeOptions
    ) -> Hypothesis:
        (target, truncated), *others = [self._read(task, tokens) for tokens in beams]
        text = self._coder.decode(target)
        whole = (self._coder.decode(other) for other, cut in others if not cut)
        return Hypothesis(
            text=text,
            source_tokens=len(task.source),
            target_tokens=len(target),
            truncated=truncated,
            provenance=self.provenance(options),
            alternatives=other_texts(text, whole),
        )

    def _read(self, task: _Task, tokens: list[str]) -> tuple[list[int], bool]:
        """The ids of one beam's text, and whether it was cut at the limit."""
        written = [int(token) for token in tokens[len(task.given) - 1 :]]
        ended = bool(written) and written[-1] in self._coder.ends
        # A batch goes on to its longest limit; what is beyond a task's own is cut.
        target = (written[:-1] if ended else written)[: task.most]
        return target, not task.exact and not (ended and len(written) <= task.most + 1)


@contextmanager
def _library_errors() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError) as error:
        if "out of memory" in str(error).lower():
            raise EngineFailed(
                f"The CUDA device has no memory left ({error}); lower DIEMTIN_BATCH_TOKENS, set "
                "the compute type to int8_float16, or the device to cpu."
            ) from error
        raise EngineFailed(f"CTranslate2 failed: {error}; see what it logged.") from error
