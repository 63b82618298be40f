"""What the two torch engines share: batching, locks, limits, provenance."""

from __future__ import annotations

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from threading import Lock, RLock
from typing import Any

from models.batching import plan_batches
from models.checkpoints import OpenCheckpoint
from models.engine import (
    DecodeOptions,
    Engine,
    EngineInput,
    EngineSettings,
    Hypothesis,
    Provenance,
    other_texts,
)
from models.errors import EngineFailed
from models.plain_letters import forbidden_ids
from models.seq2seq_coder import EncodedInput
from models.torch_decoding import (
    EndNotBefore,
    Forbid,
    SeededSampling,
    StopAt,
    cut_at_end,
    forbidden_mask,
)
from models.torch_loading import load_into_torch

_CPU_BATCH_TOKENS = 1024
_CUDA_BATCH_TOKENS = 8192

_Target = tuple[list[int], bool]  # the ids of one text, and whether it was cut at the limit


class TorchEngine(Engine):
    """One loaded checkpoint; calls from many threads take turns, batch by batch."""

    def __init__(self, checkpoint: OpenCheckpoint, settings: EngineSettings) -> None:
        """Load the weights, which takes seconds.

        Raises:
            MissingDependency: a library is not installed.
            BadConfig: the device or the compute type does not exist here.
            EngineFailed: the libraries cannot make sense of the files.
        """
        loaded = load_into_torch(checkpoint, settings)
        self._name = checkpoint.name
        self._revision = f"sha256:{checkpoint.sha256}"
        self._version = f"{loaded.library_version} {loaded.compute_type}"
        self._recipe = checkpoint.recipe
        self._model, self._tokenizer = loaded.model, loaded.tokenizer
        self._device = loaded.device
        default = _CUDA_BATCH_TOKENS if loaded.device == "cuda" else _CPU_BATCH_TOKENS
        self._batch_tokens = settings.batch_tokens or default
        self._habits = loaded.model.generation_config
        self._end_ids = self._find_end_ids()
        self._vocabulary_size = loaded.model.get_output_embeddings().weight.shape[0]
        self._model_lock, self._tokenizer_lock = Lock(), RLock()

    def generate(self, inputs: Sequence[EngineInput], options: DecodeOptions) -> list[Hypothesis]:
        """Return one hypothesis an input, in order; see `Engine.generate`."""
        with self._tokenizer_lock:
            rows = [self._encode(one, options) for one in inputs]
        targets: dict[int, list[_Target]] = {}
        for batch in self._batches(rows):
            targets.update(zip(batch, self._decode_batch(batch, rows, options), strict=True))
        return [
            self._hypothesis(one, row, targets[place], options)
            for place, (one, row) in enumerate(zip(inputs, rows, strict=True))
        ]

    def provenance(self, options: DecodeOptions) -> Provenance:
        """What a hypothesis decoded with these options will carry."""
        return Provenance(self._name, self._revision, "transformers", self._version, options)

    def close(self) -> None:
        """Free the weights."""
        with self._model_lock:
            self._model = None
        if self._device == "cuda":
            import torch

            torch.cuda.empty_cache()

    @abstractmethod
    def _encode(self, one: EngineInput, options: DecodeOptions) -> EncodedInput:
        """Tokenize; raises InputTooLong."""

    @abstractmethod
    def _run(self, rows: Sequence[EncodedInput], options: DecodeOptions) -> list[list[int]]:
        """Decode one batch, whose prefixes are of one length, to the ids after the prefix.

        Where the options ask for several hypotheses, those of a row stand together, best first.
        """

    @abstractmethod
    def _text(self, target: list[int]) -> str:
        """The text of a target's tokens."""

    def _batches(self, rows: Sequence[EncodedInput]) -> list[list[int]]:
        groups: dict[int, list[int]] = defaultdict(list)
        for place, row in enumerate(rows):
            groups[len(row.prefix)].append(place)
        return [
            [group[i] for i in batch]
            for group in groups.values()
            for batch in plan_batches([len(rows[i].source) for i in group], self._batch_tokens)
        ]

    def _decode_batch(
        self, batch: Sequence[int], rows: Sequence[EncodedInput], options: DecodeOptions
    ) -> list[list[_Target]]:
        import torch

        chosen = [rows[place] for place in batch]
        try:
            with self._model_lock, torch.inference_mode():
                if self._model is None:
                    raise EngineFailed(f"{self._name} has been closed; load it again.")
                targets = self._run(chosen, options)
        except RuntimeError as error:
            raise EngineFailed(
                f"torch failed on {len(chosen)} inputs: {error}. If memory ran out, lower "
                f"DIEMTIN_BATCH_TOKENS, which is {self._batch_tokens}."
            ) from error
        each = len(targets) // len(chosen)
        return [
            [cut_at_end(target, row.most, self._end_ids) for target in targets[at : at + each]]
            for at, row in zip(range(0, len(targets), each), chosen, strict=True)
        ]

    def _hypothesis(
        self,
        one: EngineInput,
        row: EncodedInput,
        targets: Sequence[_Target],
        options: DecodeOptions,
    ) -> Hypothesis:
        (target, truncated), *others = targets
        with self._tokenizer_lock:
            text = self._text(target)
            whole = [self._text(other) for other, cut in others if not cut]
        return Hypothesis(
            text=text,
            source_tokens=len(row.source),
            target_tokens=len(target),
            truncated=truncated and not one.forced_tokens,
            provenance=self.provenance(options),
            alternatives=other_texts(text, whole),
        )

    def _padded(self, rows: Sequence[EncodedInput], left: bool) -> dict[str, Any]:
        import torch

        width = max(len(row.source) for row in rows)
        pad = self._pad_id
        ids = torch.full((len(rows), width), pad)
        mask = torch.zeros((len(rows), width), dtype=torch.long)
        for place, row in enumerate(rows):
            span = slice(width - len(row.source), width) if left else slice(0, len(row.source))
            ids[place, span] = torch.tensor(row.source)
            mask[place, span] = 1
        return {"input_ids": ids.to(self._device), "attention_mask": mask.to(self._device)}

    def _rules(
        self, rows: Sequence[EncodedInput], start: int, options: DecodeOptions
    ) -> tuple[list[Any], list[Any]]:
        """Score rules and stopping rules of one batch, counting from `start`."""
        import torch

        fewest = torch.tensor([row.fewest for row in rows], device=self._device)
        most = torch.tensor([row.most for row in rows], device=self._device)
        rules: list[Any] = [EndNotBefore(fewest, start, self._end_ids)]
        if options.ascii_only:
            rules.append(Forbid(self._foreign))
        if options.temperature > 0:
            rules.append(SeededSampling(options.temperature, options.seed))
        return rules, [StopAt(most, start)]

    @cached_property
    def _foreign(self) -> Any:  # noqa: ANN401 - a tensor
        with self._tokenizer_lock:
            ids = forbidden_ids(self._tokenizer, self._end_ids)
        return forbidden_mask(self._vocabulary_size, ids, self._device)

    @property
    def _pad_id(self) -> int:
        found = self._tokenizer.pad_token_id
        return int(self._end_ids[0] if found is None else found)

    def _find_end_ids(self) -> list[int]:
        ends = self._habits.eos_token_id
        if ends is None:
            ends = self._tokenizer.eos_token_id
        return list(ends) if isinstance(ends, list) else [int(ends)]
