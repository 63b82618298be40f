"""Whether a client has hung up: real sockets, and a real gunicorn."""

from __future__ import annotations

import socket
import ssl
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.clients import is_client_gone
from tests.processes import ROOT, free_port

PATIENCE_S = 20
REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
APP = """
import time
from pathlib import Path

from service.clients import is_client_gone

FOLDER = Path({folder!r})

def application(environ, start_response):
    is_gone = is_client_gone(environ)
    deadline = time.monotonic() + 20
    FOLDER.joinpath("begun").touch()
    while not is_gone() and not FOLDER.joinpath("answer").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    FOLDER.joinpath("gone" if is_gone() else "there").touch()
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


@contextmanager
def connection() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The server's and the client's end of one TCP connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), PATIENCE_S)
        server, _ = listener.accept()
    with server, client:
        yield server, client


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


@pytest.mark.parametrize("timeout", [None, 0, PATIENCE_S])
@pytest.mark.parametrize(
    "leave",
    [socket.socket.close, reset, lambda client: client.shutdown(socket.SHUT_WR)],
    ids=["closed", "reset", "half-closed"],
)
def test_a_client_is_there_until_it_hangs_up(leave, timeout):
    with connection() as (server, client):
        server.settimeout(timeout)
        is_gone = is_client_gone({"gunicorn.socket": server})
        began = time.monotonic()
        assert [is_gone() for _ in range(3)] == [False] * 3
        assert time.monotonic() - began < PATIENCE_S / 2
        leave(client)
        until(is_gone)
        assert is_gone()
        assert server.gettimeout() == timeout


def test_bytes_that_wait_mean_there_and_are_left_for_the_server():
    with connection() as (server, client):
        is_gone = is_client_gone({"gunicorn.socket": server})
        client.sendall(REQUEST)
        assert server.recv(len(REQUEST), socket.MSG_PEEK) == REQUEST  # they have come
        assert not is_gone()
        assert server.recv(100) == REQUEST
        assert not is_gone()
        client.close()
        until(is_gone)


def test_a_connection_that_the_server_has_closed_is_gone():
    with connection() as (server, _):
        is_gone = is_client_gone({"gunicorn.socket": server})
        server.close()
        assert is_gone()


@pytest.mark.parametrize("environ", [{}, {"gunicorn.socket": None}, {"gunicorn.socket": 3}])
def test_without_a_connection_nobody_is_gone(environ):
    assert is_client_gone(environ)() is False


def test_over_tls_nobody_is_gone():
    with connection() as (server, client):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with context.wrap_socket(server, server_side=True, do_handshake_on_connect=False) as tls:
            is_gone = is_client_gone({"gunicorn.socket": tls})
            client.close()
            assert is_gone() is False


@contextmanager
def gunicorn(folder: Path) -> Iterator[int]:
    """A real gunicorn with threads that serves the tiny application; give its port."""
    folder.joinpath("tiny_app.py").write_text(APP.format(folder=str(folder)), "utf-8")
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "4"]
    command += ["--bind", f"127.0.0.1:{port}", "--chdir", str(ROOT), "--no-control-socket"]
    command += ["--pythonpath", str(folder), "tiny_app:application"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)
    try:
        until(lambda: can_connect(port) or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


def can_connect(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_under_gunicorn_a_view_hears_that_its_client_hung_up(tmp_path):
    with gunicorn(tmp_path) as port:
        with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as client:
            client.sendall(REQUEST)
            until(tmp_path.joinpath("begun").exists)
        until(tmp_path.joinpath("gone").exists)
    assert not tmp_path.joinpath("there").exists()


def test_under_gunicorn_a_client_who_waits_gets_its_answers(tmp_path):
    with gunicorn(tmp_path) as port:
        with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as client:
            client.sendall(REQUEST)
            until(tmp_path.joinpath("begun").exists)
            client.sendall(REQUEST)  # the next one, sent before the first is answered
            tmp_path.joinpath("answer").touch()
            got = b""
            while got.count(b"\r\n\r\nok") < 2:
                more = client.recv(4096)
                assert more, got
                got += more
        assert tmp_path.joinpath("there").exists()
        assert not tmp_path.joinpath("gone").exists()
