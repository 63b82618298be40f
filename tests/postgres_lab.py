"""A real PostgreSQL server of the tests' own, stopped and started at will."""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

NOT_INSTALLED = "no PostgreSQL server programs here: install the Debian package postgresql"


def find_programs() -> Path | None:
    """The folder of initdb and pg_ctl: Debian keeps them off the PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("pg_ctl")
    candidates = [*folders, *([Path(found).parent] if found else [])]
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


class PostgresServer:
    """One server; its programs refuse root, so under root they run as another user."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._account = _unprivileged_account() if os.geteuid() == 0 else None
        self._databases = 0
        if self._account is not None:
            os.chown(folder, self._account.pw_uid, self._account.pw_gid)
        superuser = ("--username", self.user, "--auth", "trust")
        self._run("initdb", *superuser, "--encoding", "UTF8", "--no-locale", "--no-sync")

    @property
    def user(self) -> str:
        return self._account.pw_name if self._account else getpass.getuser()

    def start(self) -> None:
        options = f"-k {self._folder} -c listen_addresses='' -c fsync=off"
        log = str(self._folder / "log")
        self._run("pg_ctl", "--wait", "--log", log, "--options", options, "start")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "--wait", "--mode", mode, "stop")

    @property
    def is_running(self) -> bool:
        return (self._folder / "data" / "postmaster.pid").exists()

    def new_database(self) -> str:
        """Create an empty database and return its URL."""
        self._databases += 1
        name = f"memory{self._databases}"
        with psycopg.connect(
            host=str(self._folder), user=self.user, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://{self.user}@/{name}?host={self._folder}"

    def _run(self, program: str, *arguments: str) -> None:
        account = self._account
        done = subprocess.run(
            [self._programs / program, "--pgdata", self._folder / "data", *arguments],
            cwd=self._folder,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # the server would hold a pipe open
            stderr=subprocess.DEVNULL,
            timeout=60,
        )
        assert done.returncode == 0, f"{program} {arguments}: see {self._folder / 'log'}"


@contextmanager
def running_postgres(programs: Path) -> Iterator[PostgresServer]:
    """A server in a folder with a short name: a socket's path may have about 100 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        server = PostgresServer(programs, folder)
        server.start()
        try:
            yield server
        finally:
            if server.is_running:
                server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged_account() -> pwd.struct_passwd:
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]
