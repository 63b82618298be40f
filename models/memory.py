"""The translation memory: what an engine once made of an input is not made again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from models.cancellation import current_cancellation
from models.engine import (
    DecodeOptions,
    Engine,
    EngineInput,
    EngineWrapper,
    Hypothesis,
    Provenance,
)
from models.errors import BadConfig, Cancelled

if TYPE_CHECKING:
    from models.memory_store import MemoryStore

POLL_S = 0.1  # how often a caller that waits for another asks whether its own is gone
SCHEMES = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")
_ON = ("", "on")
_OFF = "off"
# What people write for on and off elsewhere; none of them is meant as a file's name.
_NO_FILES = ("yes", "no", "true", "false", "none", "0", "1")


@dataclass(frozen=True)
class StoredHypothesis:
    """A hypothesis as the memory keeps it; provenance and alternatives are JSON texts."""

    text: str
    source_tokens: int
    target_tokens: int
    truncated: bool
    provenance: str
    alternatives: str = "[]"

    @classmethod
    def of(cls, made: Hypothesis) -> StoredHypothesis:
        """Take down what an engine made."""
        provenance = json.dumps(asdict(made.provenance), separators=(",", ":"))
        counts = (made.source_tokens, made.target_tokens)
        alternatives = json.dumps(made.alternatives, separators=(",", ":"))
        return cls(made.text, *counts, made.truncated, provenance, alternatives)

    def restore(self) -> Hypothesis | None:
        """Return the hypothesis with the provenance it had then; None where it has another form."""
        try:
            record = json.loads(self.provenance)
            provenance = Provenance(**record | {"options": DecodeOptions(**record["options"])})
            alternatives = tuple(json.loads(self.alternatives))
        except (ValueError, TypeError, KeyError, BadConfig):
            return None
        counts = (self.source_tokens, self.target_tokens)
        return Hypothesis(self.text, *counts, self.truncated, provenance, alternatives)

    @property
    def is_writable(self) -> bool:
        """Whether any database takes it: none takes lone surrogates, PostgreSQL no NUL."""
        try:
            self.text.encode()
        except UnicodeEncodeError:
            return False
        return "\0" not in self.text

    def checksum(self, key: bytes) -> bytes:
        """Tell bytes damaged on the disk, which SQLite does not notice inside a text."""
        counts = (self.source_tokens, self.target_tokens, int(self.truncated))
        texts = (self.provenance, self.alternatives, self.text)
        text = "\0".join(map(str, (*counts, *texts)))
        return hashlib.blake2b(text.encode(), digest_size=8, key=key).digest()


def make_key(one: EngineInput, provenance: Provenance, package_version: str) -> bytes:
    """Hash everything that a hypothesis depends on; the options are in the provenance."""
    parts = [package_version, asdict(provenance), asdict(one)]
    # Escapes would write a pair of lone surrogates and the character they encode alike.
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


class RememberingEngine(EngineWrapper):
    """An engine before which a memory stands; the same text is generated once."""

    def __init__(self, engine: Engine, store: MemoryStore, package_version: str) -> None:
        """Engines may share a store; who opened it closes it.

        `package_version` may hold whatever else hypotheses depend on and the provenance
        does not tell.
        """
        super().__init__(engine)
        self._store = store
        self._version = package_version
        self._lock = Lock()
        self._in_work: dict[bytes, _Pending] = {}
        self._hits = 0
        self._misses = 0

    @property
    def hits(self) -> int:
        """Inputs answered without the engine: remembered, or the same as one in work."""
        return self._hits

    @property
    def misses(self) -> int:
        """Inputs that the engine had to generate; those with forced tokens do not count."""
        return self._misses

    def generate(self, inputs: Sequence[EngineInput], options: DecodeOptions) -> list[Hypothesis]:
        """Return one hypothesis an input, in order; only what is new goes to the engine.

        Raises:
            InputTooLong: as the engine behind does; what is new was not generated.
            EngineFailed: as the engine behind does.
        """
        provenance = self.engine.provenance(options)
        slots = [
            at if one.forced_tokens else make_key(one, provenance, self._version)
            for at, one in enumerate(inputs)
        ]
        wanted = dict(zip(slots, inputs, strict=True))
        known: dict[_Slot, Hypothesis] = {}
        generated = 0
        # A second round comes only where another caller failed at an input of this one.
        while missing := {slot: one for slot, one in wanted.items() if slot not in known}:
            generated += self._complete(known, missing, options)
        self._count(sum(not one.forced_tokens for one in inputs), generated)
        return [known[slot] for slot in slots]

    def _complete(
        self,
        known: dict[_Slot, Hypothesis],
        missing: Mapping[_Slot, EngineInput],
        options: DecodeOptions,
    ) -> int:
        """Add what is remembered, generated here, or awaited; return how many generated."""
        keys = [slot for slot in missing if isinstance(slot, bytes)]
        mine, theirs = self._claim(keys)
        try:
            known.update(self._recall(list(mine)))
            settled = known.keys() | theirs.keys()
            new = {slot: one for slot, one in missing.items() if slot not in settled}
            made = self._generate(new, options)
            known.update(made)
        finally:
            self._release(mine, known)
        # Own claims are settled by now, so callers that wait for each other cannot lock.
        answers = {key: _await(pending) for key, pending in theirs.items()}
        known.update({key: answer for key, answer in answers.items() if answer is not None})
        return sum(isinstance(slot, bytes) for slot in made)

    def _claim(self, keys: Sequence[bytes]) -> tuple[dict[bytes, _Pending], dict[bytes, _Pending]]:
        with self._lock:
            theirs = {key: self._in_work[key] for key in keys if key in self._in_work}
            mine: dict[bytes, _Pending] = {key: Future() for key in keys if key not in theirs}
            self._in_work.update(mine)
        return mine, theirs

    def _release(self, mine: Mapping[bytes, _Pending], known: Mapping[_Slot, Hypothesis]) -> None:
        with self._lock:
            for key in mine:
                del self._in_work[key]
        for key, pending in mine.items():
            pending.set_result(known.get(key))

    def _recall(self, keys: Sequence[bytes]) -> dict[_Slot, Hypothesis]:
        found = self._store.get_many(keys)
        restored = {key: stored.restore() for key, stored in found.items()}
        return {key: one for key, one in restored.items() if one is not None}

    def _generate(
        self, new: Mapping[_Slot, EngineInput], options: DecodeOptions
    ) -> dict[_Slot, Hypothesis]:
        if not new:
            return {}
        made = dict(zip(new, self.engine.generate(list(new.values()), options), strict=True))
        self._store.put_many(
            {slot: StoredHypothesis.of(one) for slot, one in made.items() if type(slot) is bytes}
        )
        return made

    def _count(self, asked: int, generated: int) -> None:
        with self._lock:
            self._misses += generated
            self._hits += asked - generated


def _await(pending: _Pending) -> Hypothesis | None:
    is_gone = current_cancellation()
    while True:
        try:
            return pending.result(POLL_S)
        except TimeoutError:
            if is_gone():
                raise Cancelled("Whoever asked has gone; ask again if it is wanted.") from None


# An input's key, or its position where it takes no part in the memory.
_Slot = bytes | int
# None: whoever was at it failed.
_Pending = Future[Hypothesis | None]


def open_memory(setting: str, limit_mib: int, default_file: Path) -> MemoryStore | None:
    """Return the memory that a setting names; nothing is read or created before its first use.

    Args:
        setting: "off"; "on" or nothing for the default file; a file; or a database's URL.
        limit_mib: of the remembered texts and what they cost beside them.
        default_file: an SQLite file.

    Raises:
        BadConfig: the setting can be none of these.
        MissingDependency: the database needs a package that is not installed.
    """
    if setting.strip().lower() == _OFF:
        return None
    if limit_mib < 1:
        raise BadConfig(f"The translation memory needs at least 1 MiB, not {limit_mib}.")
    url = _read_url(setting.strip(), default_file)
    from models.memory_store import MemoryStore  # SQLAlchemy is slow to import

    return MemoryStore(url, limit_mib)


def _read_url(setting: str, default_file: Path) -> str:
    if "://" in setting:
        return _check_url(setting)
    if setting.lower() in _NO_FILES:
        raise BadConfig(
            f"The translation memory cannot be {setting!r}; say on, off, a file or a URL."
        )
    path = default_file if setting.lower() in _ON else Path(setting).expanduser()
    return _check_url(_file_url(path))


def _file_url(path: Path) -> str:
    from sqlalchemy import URL  # slow to import

    return URL.create("sqlite", database=str(path.absolute())).render_as_string()


def _check_url(text: str) -> str:
    from sqlalchemy import make_url  # slow to import
    from sqlalchemy.exc import ArgumentError

    scheme = text.partition("://")[0]
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:  # a port that is no number is a ValueError
        raise BadConfig(f"The translation memory's {scheme} URL is malformed.") from error
    if url.drivername not in SCHEMES:
        raise BadConfig(
            f"The translation memory cannot be kept in {scheme!r}; "
            "give a file, sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE."
        )
    if url.get_backend_name() == "sqlite":
        _check_file(url.database)
    return text


def _check_file(database: str | None) -> None:
    if not database or database.startswith((":memory:", "file:")):
        raise BadConfig("The translation memory needs a file; give sqlite:///FILE, or say off.")
    if Path(database).is_dir():
        raise BadConfig(
            f"The translation memory {database} is a folder; name a file, such as "
            f"{Path(database) / 'memory.sqlite'}."
        )
