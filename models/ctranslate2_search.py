"""How CTranslate2 searches: as the options say, else as the publisher says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from models.conversion import PLAIN_ENTRIES, VOCABULARY, bytes_a_weight
from models.engine import DecodeOptions

# Each replica copies the output rows of the plain entries; beyond this, memory goes first.
MOST_PLAIN_BYTES = 512 << 20
# Of all entries; copying nearly all rows costs more than computing them.
MOST_PLAIN_SHARE = 0.8
_DEFAULTS = DecodeOptions()


def named(ids: Iterable[int]) -> list[str]:
    """Ids as the tokens of a converted vocabulary."""
    return [str(entry) for entry in ids]


class Search:
    """Arguments of `translate_batch` for one conversion."""

    def __init__(
        self,
        converted: Path,
        habits: Mapping[str, Any],
        copied_bytes: int,
    ) -> None:
        """Nothing is read until it is needed.

        Args:
            converted: the folder of the conversion.
            habits: what its publisher set for generation.
            copied_bytes: of one row of the output in every replica.
        """
        self._converted = converted
        self._habits = habits
        self._copied_bytes = copied_bytes

    def arguments(self, options: DecodeOptions) -> dict[str, Any]:
        """What the options ask for, and the publisher's habits where they ask for nothing."""
        search: dict[str, Any] = {
            "beam_size": options.beam_size,
            "num_hypotheses": options.hypotheses,
            "length_penalty": self._chosen("length_penalty", "length_penalty", options),
            "repetition_penalty": self._chosen("repeat_penalty", "repetition_penalty", options),
            "no_repeat_ngram_size": self._chosen(
                "no_repeat_ngram", "no_repeat_ngram_size", options
            ),
        }
        if options.temperature > 0:
            sampling = {"sampling_topk": 0, "sampling_temperature": options.temperature}
            search |= {"beam_size": 1, "num_hypotheses": 1, **sampling}
        unwanted = self._unwanted
        if options.ascii_only and self.maps_plain:
            # CTranslate2 adds the unknown token to every mapping.
            search |= {"use_vmap": True, "disable_unk": self._unknown not in self._plain}
        elif options.ascii_only:
            unwanted = unwanted + self._foreign
        return search | ({"suppress_sequences": unwanted} if unwanted else {})

    @cached_property
    def maps_plain(self) -> bool:
        """Whether `ascii_only` computes the plain rows of the output alone.

        That is faster than computing all of them, where suppressing the others is slower;
        but each replica copies the plain rows.
        """
        plain = len(self._plain)
        few = plain <= MOST_PLAIN_SHARE * len(self._entries)
        return few and plain * self._copied_bytes <= MOST_PLAIN_BYTES

    def _chosen(self, option: str, habit: str, options: DecodeOptions) -> float:
        asked: float = getattr(options, option)
        if asked != getattr(_DEFAULTS, option):
            return asked
        published: float | None = self._habits.get(habit)
        return asked if published is None else published

    @cached_property
    def _unwanted(self) -> list[list[str]]:
        """Sequences that the publisher forbids."""
        tokens = [[entry] for entry in self._habits.get("suppress_tokens") or []]
        return [named(ids) for ids in [*(self._habits.get("bad_words_ids") or []), *tokens]]

    @cached_property
    def _plain(self) -> frozenset[str]:
        return frozenset((self._converted / PLAIN_ENTRIES).read_text(encoding="utf-8").split())

    @cached_property
    def _unknown(self) -> str:
        config = json.loads((self._converted / "config.json").read_text(encoding="utf-8"))
        return str(config["unk_token"])

    @cached_property
    def _entries(self) -> list[str]:
        entries: list[str] = json.loads((self._converted / VOCABULARY).read_text(encoding="utf-8"))
        return entries

    @cached_property
    def _foreign(self) -> list[list[str]]:
        return [[entry] for entry in self._entries if entry not in self._plain]


def copied_bytes(config: Mapping[str, Any], compute_type: str, replicas: int) -> int:
    """Bytes of one row of the output in all replicas together."""
    return int(config["d_model"]) * bytes_a_weight(compute_type) * replicas
