"""Chat formats and instructions for causal models, read from `prompts.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from models.errors import BadConfig

_CONTROL = re.compile(r"<(?=\|)")


@dataclass(frozen=True)
class ChatFormat:
    """Where a causal model expects its instruction, the user's turn and its own."""

    name: str
    template: str

    def render(self, instruction: str, source: str, prefix: str = "") -> str:
        """Return the prompt; control tokens inside the three texts are made inert."""
        return self.template.format(
            instruction=_inert(instruction), source=_inert(source), prefix=_inert(prefix)
        )


def _inert(text: str) -> str:
    return _CONTROL.sub("< ", text)


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(files("models").joinpath("prompts.toml").read_text(encoding="utf-8"))


def chat_format(name: str) -> ChatFormat:
    """Return the named chat format.

    Raises:
        BadConfig: there is no format of that name.
    """
    formats = _data()["chat"]
    if name not in formats:
        known = ", ".join(sorted(formats))
        raise BadConfig(f"Unknown chat format {name!r}; the known ones are: {known}.")
    return ChatFormat(name, formats[name]["template"])


def instructions(task: str) -> Mapping[str, str]:
    """Return the instruction texts of a task, `translate` or `summarize`."""
    texts: Mapping[str, str] = _data()[task]
    return texts
