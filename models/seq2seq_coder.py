"""Texts into ids and back, as the family of a sequence-to-sequence checkpoint wants them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import RLock
from typing import Any

from models.checkpoints import OpenCheckpoint
from models.engine import DecodeOptions, EngineInput
from models.errors import BadConfig, EngineFailed, InputTooLong
from models.torch_loading import collapse_blanks, control_tokens, make_inert

_GENERATION_CONFIG = "generation_config.json"
# T5's positions are relative, without an end: this is what most of them were trained on.
_T5_WINDOW = 512
# T5 and PEGASUS write this for a line break.
_LINE_BREAK = "<n>"
_SPARE_TOKENS = 32


@dataclass(frozen=True)
class EncodedInput:
    """One input as token ids; `prefix` is what the target begins with, `most` its limit."""

    source: list[int]
    prefix: list[int]
    fewest: int
    most: int


def read_habits(checkpoint: OpenCheckpoint) -> Mapping[str, Any]:
    """What the publisher set for generation, in its own file or, of old, in config.json.

    Raises:
        EngineFailed: the file is not JSON.
    """
    path = checkpoint.folder / _GENERATION_CONFIG
    try:
        habits: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _habits_of_old(checkpoint.config)
    except ValueError as error:
        raise EngineFailed(
            f"{path} is not JSON: {error}. Correct it, or fetch {checkpoint.name} again."
        ) from error
    return habits


def _habits_of_old(config: Mapping[str, Any]) -> Mapping[str, Any]:
    if not config.get("force_bos_token_to_be_generated"):
        return config
    # How the first BARTs said it; transformers, too, reads it where there is no newer file.
    return {**config, "forced_bos_token_id": config.get("bos_token_id")}


class Coder:
    """A checkpoint's tokenizer, for many threads.

    Args:
        first: what the decoder is given: its start token, and what every target begins with.
        ends: the tokens that end a target.
        window: most tokens of a source.
        lock: held while the tokenizer is at work; a fast one refuses a second thread.
    """

    def __init__(
        self,
        checkpoint: OpenCheckpoint,
        tokenizer: Any,  # noqa: ANN401 - an untyped library
        habits: Mapping[str, Any],
    ) -> None:
        """Set the tokenizer to the recipe's languages; the habits are the publisher's.

        Raises:
            BadConfig: the tokenizer does not know the recipe's languages.
            EngineFailed: the files do not say what the decoder starts from.
        """
        config = checkpoint.config
        self._name, self._recipe = checkpoint.name, checkpoint.recipe
        self._tokenizer = tokenizer
        self._habits = habits
        self._controls = control_tokens(self._tokenizer)
        self.lock = RLock()
        self._size = _count_entries(self._tokenizer)
        self._marian = config["model_type"] == "marian"
        end = habits.get("eos_token_id")
        end = self._tokenizer.eos_token_id if end is None else end
        self.ends: tuple[int, ...] = tuple(end) if isinstance(end, list) else (end,)
        self.first = self._find_first(habits, config)
        self._positions: int | None = config.get("max_position_embeddings")
        window = self._positions or config.get("n_positions") or _T5_WINDOW
        self.window = int(min(window, self._tokenizer.model_max_length))

    def encode(self, sources: Sequence[str]) -> list[list[int]]:
        """Ids of each source, with the prefix and special tokens that the model expects."""
        prefix = self._recipe.source_prefix
        texts = [prefix + self._inert(collapse_blanks(source)) for source in sources]
        with self.lock:
            return [list(self._tokenizer(text).input_ids) for text in texts]

    def encode_input(self, one: EngineInput, options: DecodeOptions) -> EncodedInput:
        """Ids of one input and the limits of its target.

        Raises:
            InputTooLong: the source exceeds the window.
            BadConfig: more tokens are forced than the decoder has positions for.
        """
        [source] = self.encode([one.source])
        if len(source) > self.window:
            raise InputTooLong.of(one.source, len(source), self._name, self.window, "Split it.")
        prefix = self._encode_prefix(one.prefix)
        most = one.forced_tokens or options.max_tokens or 2 * len(source) + _SPARE_TOKENS
        if self._positions is not None:
            room = self._positions - len(self.first) - len(prefix)
            if one.forced_tokens > room:
                raise BadConfig(f"{self._name} writes {room} tokens at most.")
            most = min(most, room)
        fewest = most if one.forced_tokens else min(self._fewest(len(source), options), most)
        return EncodedInput(source, prefix, fewest, most)

    def _fewest(self, source: int, options: DecodeOptions) -> int:
        if options.min_tokens:
            return options.min_tokens
        own = (self._habits.get("min_length") or 0) - len(self.first)
        return max(0, min(own, source // 2))  # a short text needs no long summary

    def _encode_prefix(self, prefix: str) -> list[int]:
        if not prefix:
            return []
        text = self._recipe.target_prefix + self._inert(prefix)
        with self.lock:
            return list(self._tokenizer(text_target=text, add_special_tokens=False).input_ids)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of a target, without what its model writes before every answer."""
        # Marian's tokenizer would take the pieces for Vietnamese ones.
        extra = {"use_source_tokenizer": False} if self._marian else {}
        # Models padded to a round number have more entries than their tokenizer.
        known = [entry for entry in ids if entry < self._size]
        with self.lock:
            text: str = self._tokenizer.decode(
                known, skip_special_tokens=True, clean_up_tokenization_spaces=False, **extra
            )
        text = text.replace(_LINE_BREAK, "\n").strip()
        return text.removeprefix(self._recipe.target_prefix.strip()).strip()

    def _inert(self, text: str) -> str:
        return make_inert(text, self._controls)

    def _find_first(self, habits: Mapping[str, Any], config: Mapping[str, Any]) -> list[int]:
        start: Any = habits.get("decoder_start_token_id")
        start = config.get("decoder_start_token_id") if start is None else start
        recipe, tokenizer = self._recipe, self._tokenizer
        if recipe.source_language:
            self._language_id(recipe.source_language)
            tokenizer.src_lang = recipe.source_language
        if recipe.target_language:
            target = self._language_id(recipe.target_language)
            tokenizer.tgt_lang = recipe.target_language
            # mBART of 2020 starts from the language; mBART-50, M2M100 and NLLB write it first.
            starts = type(tokenizer).__name__.startswith("MBartTokenizer") or start == target
            return [target] if starts else [self._given(start), target]
        forced = habits.get("forced_bos_token_id")
        return [self._given(start), *([] if forced is None else [int(forced)])]

    def _given(self, start: int | None) -> int:
        if start is None:
            raise EngineFailed(
                f"The files of {self._name} do not say what its decoder starts from; add "
                "decoder_start_token_id to its config.json."
            )
        return int(start)

    def _language_id(self, code: str) -> int:
        tokenizer = self._tokenizer
        known = getattr(tokenizer, "lang_code_to_id", {})
        found = known.get(code, tokenizer.convert_tokens_to_ids(code))
        if found is None or found == tokenizer.unk_token_id:
            raise BadConfig(
                f"The tokenizer of {self._name} has no language {code!r}; correct the "
                "languages of its catalogue entry."
            )
        return int(found)


def _count_entries(tokenizer: Any) -> int:  # noqa: ANN401 - an untyped library
    """How many ids the tokenizer can read; M2M100's vocabulary lacks its languages."""
    languages = getattr(tokenizer, "lang_code_to_id", {}).values()
    unnamed = getattr(tokenizer, "num_madeup_words", 0)
    return int(max([*tokenizer.get_vocab().values(), *languages])) + 1 + int(unnamed)
