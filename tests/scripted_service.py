"""A server of the real page whose stream follows a script, for what a service seldom does."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, request
from werkzeug.serving import WSGIRequestHandler, make_server

from service.web import web_blueprint

HOLD = object()
CUT = object()


@dataclass(frozen=True)
class Reply:
    """One answer: a status, headers, and parts to send (bytes), wait at (HOLD) or cut at (CUT)."""

    parts: tuple[Any, ...]
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/event-stream"})


@dataclass
class Script:
    """What the stream answers next (the last reply repeats), and what it was asked."""

    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)

    def take_reply(self) -> Reply:
        """Give the next reply."""
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def play(self, reply: Reply, connection: socket.socket) -> Iterator[bytes]:
        """Send the parts of a reply, noting a reader who goes away."""
        try:
            for part in reply.parts:
                if part is CUT:
                    connection.shutdown(socket.SHUT_RDWR)
                while part is HOLD and not self.go_on.wait(0.05):
                    yield b": still here\n\n"
                if isinstance(part, bytes):
                    yield part
        except GeneratorExit:
            self.left.set()
            raise


class QuietHandler(WSGIRequestHandler):
    """Speaks HTTP/1.1, so that bodies come in chunks, and logs nothing."""

    protocol_version = "HTTP/1.1"

    def log(self, *_: object) -> None:
        """Say nothing."""


def make_app(script: Script) -> Flask:
    """Build the page with a stream that follows the script."""
    app = Flask("service")
    app.register_blueprint(web_blueprint)

    @app.post("/v1/digest/stream")
    def stream() -> Response:
        script.bodies.append(request.get_json())
        reply = script.take_reply()
        parts = script.play(reply, request.environ["werkzeug.socket"])
        return Response(parts, status=reply.status, headers=reply.headers)

    return app


@contextmanager
def serve_script() -> Iterator[Script]:
    """Serve until the block ends."""
    script = Script()
    server = make_server(
        "127.0.0.1", 0, make_app(script), threaded=True, request_handler=QuietHandler
    )
    server.daemon_threads = True
    script.url = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield script
    finally:
        script.go_on.set()
        server.shutdown()
        thread.join()
        server.server_close()


def event(name: str, data: object) -> bytes:
    """Format one server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def problem(status: int, title: str, detail: str, **headers: str) -> Reply:
    """An application/problem+json reply."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    kind = {"Content-Type": "application/problem+json"}
    return Reply((json.dumps(body).encode(),), status, kind | headers)
