"""Settings: flags over `DIEMTIN_*` variables over defaults, checked when they are read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_state_path
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
        None,
        description="Model that translates: a catalogue name, a hub id with optional @revision, "
        "or a folder; the catalogue's default unless set.",
    )
    summarizer: str | None = Field(
        None, description="Model that summarises, named in the same ways."
    )
    models_dir: Path = Field(
        default_factory=default_root, description="Folder that keeps the weights."
    )
    catalogue: Path | None = Field(
        None, description="A catalogue file to use in place of the built-in one."
    )
    glossary: Path | None = Field(
        None, description="Your own terms (a TOML or CSV file) for every translation; they win."
    )
    context: int = Field(
        8192, ge=1024, le=131072, description="Tokens that prompt and output of a model share."
    )
    threads: int = Field(0, ge=0, description="CPU threads of a model; 0 takes every core.")
    engine: Literal["auto", "transformers", "ctranslate2"] = Field(
        "auto", description="What runs a transformers checkpoint."
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Where it runs.")
    compute_type: str = Field(
        "auto", description="Type of its weights, such as int8, float32, bfloat16 or float16."
    )
    beam_size: int = Field(
        5, ge=1, le=64, description="Beam of a translation model that is not a chat model."
    )
    allow_pickle: bool = Field(
        False, description="Load checkpoints that come as pickles, which may hold code."
    )
    second_attempts: bool = Field(
        True, description="Translate again what fails a check; off, the checks only warn."
    )
    batching: bool = Field(
        True, description="Give an engine the segments of several requests at once."
    )
    batch_tokens: int = Field(
        0, ge=0, description="Most source tokens of a batch; 0 is the engine's own."
    )
    batch_wait_ms: float = Field(
        5.0, ge=0, le=1000, description="Longest wait for more segments to join a batch."
    )
    queue_segments: int = Field(
        4096, ge=1, description="Segments that may wait for an engine; beyond, 503."
    )
    memory: str = Field(
        "on",
        description="Translation memory: on, off, a file, or the URL of a PostgreSQL database.",
    )
    memory_mib: int = Field(512, ge=1, description="Size of the translation memory in MiB.")
    max_characters: int = Field(
        50_000, ge=1, description="Most characters of one text in a request."
    )
    max_texts: int = Field(50, ge=1, description="Most texts in one request.")
    state_dir: Path = Field(
        default_factory=lambda: user_state_path("diemtin"),
        description="Folder of the archives sent over HTTP, their jobs and results.",
    )
    database: str = Field(
        "",
        pattern=r"^((sqlite:///|postgresql(\+psycopg)?://).+)?$",
        description="URL of the PostgreSQL database that holds the jobs; "
        "empty for a file in the state folder.",
    )
    queue: str = Field(
        "",
        pattern=r"^((redis|rediss|unix)://.+)?$",
        description="URL of the Redis whose jobs `diemtin worker` does; "
        "empty lets the service do them itself.",
    )
    job_workers: int = Field(
        1, ge=1, le=64, description="Jobs that one process works on at a time."
    )
    max_jobs: int = Field(100, ge=1, description="Jobs that may wait; beyond, 503.")
    job_hours: float = Field(72, gt=0, description="How long the result of a job is kept.")
    max_archive_mib: int = Field(1024, ge=1, description="Most MiB of an archive over HTTP.")
    log_level: str = Field(
        "info", pattern="^(debug|info|warning|error)$", description="What goes to the log."
    )

    def engine_settings(self) -> EngineSettings:
        """The part that engines need."""
        return EngineSettings(
            context=self.context,
            threads=self.threads,
            engine=self.engine,
            device=self.device,
            compute_type=self.compute_type,
            beam_size=self.beam_size,
            batch_tokens=self.batch_tokens,
            allow_pickle=self.allow_pickle,
        )


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
