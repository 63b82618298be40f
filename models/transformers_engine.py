"""Sequence-to-sequence checkpoints run by transformers and torch: the reference engine.

What the checkpoint's own `generation_config.json` says of the shape of a target (length
penalty, repeated n-grams, fewest tokens, early stopping) holds unless the options say otherwise;
its number of beams, sampling and token limit never do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.catalogue import ModelCard
from models.checkpoints import OpenCheckpoint, open_checkpoint
from models.engine import DecodeOptions, EngineInput, EngineSettings, EngineTraits
from models.errors import BadConfig
from models.recipes import FAMILIES
from models.store import WeightsStore
from models.torch_engine import EncodedInput, TorchEngine
from models.torch_loading import collapse_blanks

# T5's positions are relative, without an end: this is what most of them were trained on.
_T5_WINDOW = 512
_SPARE_TOKENS = 32
# PEGASUS writes this for a line break.
_LINE_BREAK = "<n>"
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
        self._model_type = str(checkpoint.config.get("model_type", ""))
        positions = checkpoint.config.get("max_position_embeddings")
        self._target_positions: int | None = positions
        window = positions or checkpoint.config.get("n_positions") or _T5_WINDOW
        self._window = int(min(window, self._tokenizer.model_max_length))
        self._start_id, self._forced_id = self._first_ids()
        from transformers import GenerationConfig

        self._model.generation_config = GenerationConfig(
            pad_token_id=self._pad_id,
            eos_token_id=self._end_ids,
            decoder_start_token_id=self._start_id,
            forced_bos_token_id=self._forced_id,
        )

    @property
    def traits(self) -> EngineTraits:
        """One task, a window, and large batches."""
        return EngineTraits(
            instructed=False,
            window=self._window,
            batch_tokens=self._batch_tokens,
            beam_size=self._beam_size,
            language=self._recipe.language,
        )

    def count_tokens(self, sources: Sequence[str]) -> list[int]:
        """Source tokens of each text, as the window counts them."""
        with self._tokenizer_lock:
            return [len(self._source_ids(source)) for source in sources]

    def _first_ids(self) -> tuple[int, int | None]:
        """What the decoder starts from, and the token that it must write first."""
        habits, recipe, tokenizer = self._habits, self._recipe, self._tokenizer
        start = habits.decoder_start_token_id
        if start is None:
            start = getattr(self._model.config, "decoder_start_token_id", None)
        if recipe.source_language:
            self._language_id(recipe.source_language)
            tokenizer.src_lang = recipe.source_language
        if not recipe.target_language:
            return int(start), habits.forced_bos_token_id
        target = self._language_id(recipe.target_language)
        tokenizer.tgt_lang = recipe.target_language
        # mBART of 2020 starts from the language; mBART-50, M2M100 and NLLB write it first.
        if type(tokenizer).__name__.startswith("MBartTokenizer") or start == target:
            return target, None
        return int(start), target

    def _language_id(self, code: str) -> int:
        tokenizer = self._tokenizer
        known = getattr(tokenizer, "lang_code_to_id", {})
        found = known.get(code, tokenizer.convert_tokens_to_ids(code))
        if found is None or found == tokenizer.unk_token_id:
            raise BadConfig(
                f"The tokenizer of {self._name} has no language {code!r}; correct the "
                f"languages of its catalogue entry."
            )
        return int(found)

    def _source_ids(self, source: str) -> list[int]:
        text = self._recipe.source_prefix + self._inert(collapse_blanks(source))
        return list(self._tokenizer(text).input_ids)

    def _encode(self, one: EngineInput, options: DecodeOptions) -> EncodedInput:
        source = self._source_ids(one.source)
        if len(source) > self._window:
            raise self._too_long(one.source, len(source), self._window, "Split it.")
        prefix = self._prefix_ids(one.prefix)
        room = self._room(len(prefix))
        if one.forced_tokens:
            if room is not None and one.forced_tokens > room:
                raise BadConfig(f"{self._name} writes {room} tokens at most.")
            return EncodedInput(source, prefix, one.forced_tokens, one.forced_tokens)
        most = options.max_tokens or 2 * len(source) + _SPARE_TOKENS
        most = most if room is None else min(most, room)
        return EncodedInput(source, prefix, min(self._fewest(len(source), options), most), most)

    def _prefix_ids(self, prefix: str) -> list[int]:
        if not prefix:
            return []
        text = self._recipe.target_prefix + self._inert(prefix)
        return list(self._tokenizer(text_target=text, add_special_tokens=False).input_ids)

    def _room(self, prefix: int) -> int | None:
        if self._target_positions is None:
            return None
        return self._target_positions - self._begin(prefix)

    def _begin(self, prefix: int) -> int:
        """How many tokens the decoder has before the first that the model chose."""
        return 1 + (self._forced_id is not None) + prefix

    def _fewest(self, source: int, options: DecodeOptions) -> int:
        if options.min_tokens:
            return options.min_tokens
        own = (self._habits.min_length or 0) - self._begin(0)
        return max(0, min(own, source // 2))  # a short text needs no long summary

    def _run(self, rows: Sequence[EncodedInput], options: DecodeOptions) -> list[list[int]]:
        import torch
        from transformers import LogitsProcessorList, StoppingCriteriaList

        begin = self._begin(len(rows[0].prefix))
        rules, stops = self._rules(rows, begin, options)
        given: dict[str, Any] = self._padded(rows, left=False)
        if rows[0].prefix:
            first = [self._start_id] + ([] if self._forced_id is None else [self._forced_id])
            given["decoder_input_ids"] = torch.tensor(
                [first + row.prefix for row in rows], device=self._device
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
        return GenerationConfig(**chosen, num_beams=beams, max_new_tokens=most, do_sample=False)

    def _text(self, target: list[int]) -> str:
        # Marian's tokenizer would take the pieces for Vietnamese ones.
        extra = {"use_source_tokenizer": False} if self._model_type == "marian" else {}
        text: str = self._tokenizer.decode(
            target, skip_special_tokens=True, clean_up_tokenization_spaces=False, **extra
        )
        text = text.replace(_LINE_BREAK, "\n").strip()
        return text.removeprefix(self._recipe.target_prefix.strip()).strip()
