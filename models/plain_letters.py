"""Which vocabulary entries can write a letter that English does not have."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any

# Lead bytes of the blocks that hold signs and no letters of a language: U+0080 and U+2000.
_SIGN_LEADS = frozenset({0xC2, 0xE2})
_FIRST_LEAD = 0xC0
_BYTE_PIECE = re.compile(r"<0x([0-9A-F]{2})>")
_WORD_START = "▁"
# The two signs that Unicode put among the letters of Latin-1.
_OPERATORS = "×÷"


def is_plain(text: str) -> bool:
    """Say whether the text holds no letter, digit or sign from outside English typesetting."""
    return text.isascii() or all(_is_plain_character(character) for character in text)


def _is_plain_character(character: str) -> bool:
    if character.isascii() or character == _WORD_START or character in _OPERATORS:
        return True
    in_sign_block = 0xA0 <= ord(character) <= 0xBF or 0x2000 <= ord(character) <= 0x22FF
    return in_sign_block and unicodedata.category(character)[0] not in "LM"


def is_byte_level(vocabulary: Collection[str]) -> bool:
    """Say whether the entries spell bytes, as those of GPT-2, BART and Qwen do."""
    return "Ġ" in vocabulary and _WORD_START not in vocabulary


def forbidden_entries(vocabulary: Collection[str], special: Collection[str] = ()) -> list[str]:
    """Return the entries that `ascii_only` forbids; special tokens are never among them.

    A fragment of a character that several entries spell together is forbidden by its first
    byte, so that what is left cannot add up to a foreign letter.
    """
    foreign = _byte_level_foreign if is_byte_level(vocabulary) else _piece_foreign
    kept = set(special)
    return sorted(entry for entry in vocabulary if entry not in kept and foreign(entry))


def forbidden_ids(tokenizer: Any, ends: Collection[int]) -> list[int]:  # noqa: ANN401 - untyped
    """Return the ids that `ascii_only` forbids, that of the unknown token among them.

    What stands for an unknown piece is taken out of the text, and a letter would be gone. Where
    it is also an end of the target, as Qwen's is, it stays.
    """
    vocabulary: Mapping[str, int] = tokenizer.get_vocab()
    entries = forbidden_entries(vocabulary, tokenizer.all_special_tokens)
    unknown = tokenizer.unk_token_id
    silent = [] if unknown is None or unknown in ends else [int(unknown)]
    return [vocabulary[entry] for entry in entries] + silent


def _piece_foreign(entry: str) -> bool:
    byte = _BYTE_PIECE.fullmatch(entry)
    return _bytes_foreign([int(byte[1], 16)]) if byte else not is_plain(entry)


def _byte_level_foreign(entry: str) -> bool:
    table = _byte_of_character()
    if any(character not in table for character in entry):
        return not is_plain(entry)
    return _bytes_foreign(table[character] for character in entry)


def _bytes_foreign(data: Iterable[int]) -> bool:
    raw = bytes(data)
    if any(byte >= _FIRST_LEAD and byte not in _SIGN_LEADS for byte in raw):
        return True
    return not is_plain(raw.decode("utf-8", errors="ignore"))


@cache
def _byte_of_character() -> dict[str, int]:
    """The alphabet of byte-level tokenizers: printable bytes are themselves, the rest shifted."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    table = {chr(byte): byte for byte in printable}
    rest = [byte for byte in range(0x100) if byte not in set(printable)]
    return table | {chr(0x100 + place): byte for place, byte in enumerate(rest)}
