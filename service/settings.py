"""Settings: flags over `DIEMTIN_*` variables over defaults, checked when they are read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.engine import EngineSettings
from models.errors import BadConfig
from models.store import default_root

PREFIX = "DIEMTIN_"


class Settings(BaseSettings):
    """Everything that can be set; each default stands here and nowhere else."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    translator: str | None = Field(
        None, description="Model that translates; the catalogue's default unless set."
    )
    summarizer: str | None = Field(
        None, description="Model that summarises; the catalogue's default unless set."
    )
    models_dir: Path = Field(
        default_factory=default_root, description="Folder that keeps the weights."
    )
    catalogue: Path | None = Field(
        None, description="A catalogue file to use in place of the built-in one."
    )
    glossary: Path | None = Field(
        None, description="A glossary file (TOML or CSV) for every translation."
    )
    context: int = Field(
        8192, ge=1024, le=131072, description="Tokens that prompt and output of a model share."
    )
    threads: int = Field(0, ge=0, description="CPU threads of a model; 0 takes every core.")
    max_characters: int = Field(
        50_000, ge=1, description="Most characters of one text in a request."
    )
    max_texts: int = Field(50, ge=1, description="Most texts in one request.")
    log_level: str = Field(
        "info", pattern="^(debug|info|warning|error)$", description="What goes to the log."
    )

    def engine_settings(self) -> EngineSettings:
        """The part that engines need."""
        return EngineSettings(context=self.context, threads=self.threads)


def load_settings(**flags: object) -> Settings:
    """Return the settings; flags that are None count as not given.

    Raises:
        BadConfig: a value is malformed, or a `DIEMTIN_*` variable is not a setting.
    """
    _reject_unknown(os.environ)
    given: dict[str, Any] = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        problems = "; ".join(
            f"{PREFIX}{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}"
            for one in error.errors(include_input=False, include_url=False)
        )
        raise BadConfig(f"Settings are wrong. {problems}") from error


def _reject_unknown(environment: Mapping[str, str]) -> None:
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    unknown = sorted(
        name
        for name in environment
        if name.startswith(PREFIX) and name not in known and not name.startswith(f"{PREFIX}TEST_")
    )
    if unknown:
        raise BadConfig(
            f"Unknown setting {', '.join(unknown)}. The settings are: {', '.join(sorted(known))}."
        )
