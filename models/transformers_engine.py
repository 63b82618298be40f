"""Sequence-to-sequence checkpoints run by transformers and torch: the reference engine.

What the checkpoint's own `generation_config.json` says of the shape of a target (length
penalty, repeated n-grams, fewest tokens, early stopping) holds unless the options say otherwise;
its number of beams, sampling and token limit never do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from models.catalogue import ModelCard
from models.checkpoints import OpenCheckpoint, open_checkpoint
from models.engine import DecodeOptions, EngineInput, EngineSettings, EngineTraits
from models.recipes import FAMILIES
from models.seq2seq_coder import Coder, EncodedInput
from models.store import WeightsStore
from models.torch_engine import TorchEngine

_KEPT_HABITS = (
    "bad_words_ids",
    "begin_suppress_tokens",
    "encoder_no_repeat_ngram_size",
    "length_penalty",
    "no_repeat_ngram_size",
    "repetition_penalty",
    "suppress_tokens",
)


def load(card: ModelCard, store: WeightsStore, settings: EngineSettings) -> TorchEngine:
    """Open the checkpoint of a catalogue's model and load it.

    Raises:
        WeightsUnavailable: it has not been fetched.
        CorruptWeights: the files are not those that the catalogue names.
        UnsafeWeights: they are pickles, and that was not allowed.
        MissingDependency: a library is not installed.
        BadConfig: the device or the compute type does not exist here.
        EngineFailed: the libraries cannot make sense of the files.
    """
    return load_checkpoint(open_checkpoint(card, settings), settings)


def load_checkpoint(checkpoint: OpenCheckpoint, settings: EngineSettings) -> TorchEngine:
    """Load an opened checkpoint with the engine of its family; raises what `load` raises."""
    from models.causal_engine import CausalEngine

    engine = CausalEngine if FAMILIES[checkpoint.family].causal else TransformersEngine
    return engine(checkpoint, settings)


class TransformersEngine(TorchEngine):
    """A model that turns a source into a target; it takes no notice of instructions."""

    def __init__(self, checkpoint: OpenCheckpoint, settings: EngineSettings) -> None:
        """Load the weights, which takes seconds; see `TorchEngine`."""
        super().__init__(checkpoint, settings)
        self._beam_size = settings.beam_size
        self._coder = Coder(checkpoint, self._tokenizer, self._habits_with_start())
        self._tokenizer_lock = self._coder.lock
        from transformers import GenerationConfig

        start, *forced = self._coder.first
        self._model.generation_config = GenerationConfig(
            pad_token_id=self._pad_id,
            eos_token_id=self._end_ids,
            decoder_start_token_id=start,
            forced_bos_token_id=forced[0] if forced else None,
        )

    @property
    def traits(self) -> EngineTraits:
        """One task, a window, and large batches."""
        return EngineTraits(
            instructed=False,
            window=self._coder.window,
            batch_tokens=self._batch_tokens,
            beam_size=self._beam_size,
            language=self._recipe.language,
        )

    def count_tokens(self, sources: Sequence[str]) -> list[int]:
        """Source tokens of each text, as the window counts them."""
        return [len(ids) for ids in self._coder.encode(sources)]

    def _habits_with_start(self) -> Mapping[str, Any]:
        """The publisher's habits, with the decoder's start where only the class tells it."""
        start = getattr(self._model.config, "decoder_start_token_id", None)
        habits = {key: value for key, value in self._habits.to_dict().items() if value is not None}
        return {"decoder_start_token_id": start, **habits}

    def _encode(self, one: EngineInput, options: DecodeOptions) -> EncodedInput:
        return self._coder.encode_input(one, options)

    def _run(self, rows: Sequence[EncodedInput], options: DecodeOptions) -> list[list[int]]:
        import torch
        from transformers import LogitsProcessorList, StoppingCriteriaList

        begin = len(self._coder.first) + len(rows[0].prefix)
        rules, stops = self._rules(rows, begin, options)
        given: dict[str, Any] = self._padded(rows, left=False)
        if rows[0].prefix:
            given["decoder_input_ids"] = torch.tensor(
                [self._coder.first + row.prefix for row in rows], device=self._device
            )
        most = max(row.most for row in rows) + begin - len(rows[0].prefix) - 1
        made = self._model.generate(
            **given,
            generation_config=self._generation_config(most, options),
            logits_processor=LogitsProcessorList(rules),
            stopping_criteria=StoppingCriteriaList(stops),
        )
        return [row[begin:] for row in made.tolist()]

    def _generation_config(self, most: int, options: DecodeOptions) -> Any:  # noqa: ANN401 - untyped library
        from transformers import GenerationConfig

        chosen = {key: getattr(self._habits, key, None) for key in _KEPT_HABITS}
        if options.repeat_penalty != 1.0:
            chosen["repetition_penalty"] = options.repeat_penalty
        if options.no_repeat_ngram:
            chosen["no_repeat_ngram_size"] = options.no_repeat_ngram
        if options.length_penalty != 1.0:
            chosen["length_penalty"] = options.length_penalty
        beams = 1 if options.temperature > 0 else options.beam_size
        if beams == 1:
            chosen.pop("length_penalty")
        else:
            chosen["early_stopping"] = self._habits.early_stopping
            chosen["num_return_sequences"] = options.hypotheses
        return GenerationConfig(**chosen, num_beams=beams, max_new_tokens=most, do_sample=False)

    def _text(self, target: list[int]) -> str:
        return self._coder.decode(target)
