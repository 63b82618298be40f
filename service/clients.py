"""Whether the client of a request has hung up, asked of its connection."""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Callable, Mapping
from typing import Any

from models.cancellation import never


def is_client_gone(environ: Mapping[str, Any]) -> Callable[[], bool]:
    """Return what tells, at any time and from any thread, whether the client has hung up.

    It looks at the connection without taking anything from it, in a few microseconds. A client
    that shuts down only its sending side counts as gone, as with most servers: the connection
    looks the same as a closed one. Bytes that wait to be read, such as a next request, mean
    that it is there. Over TLS and under a server that does not hand its connection over, no
    client is ever gone. Behind a proxy, the client is the proxy, which hangs up in its turn.
    """
    connection = environ.get("gunicorn.socket")
    if not isinstance(connection, socket.socket) or isinstance(connection, ssl.SSLSocket):
        return never  # what TLS has deciphered already cannot be seen from outside
    return lambda: _has_hung_up(connection)


def _has_hung_up(connection: socket.socket) -> bool:
    try:
        poller = select.poll()
        poller.register(connection, select.POLLIN)
        if not poller.poll(0):  # asked first, as recv waits where the socket has a timeout
            return False
        return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except (OSError, ValueError):  # reset by the client, or closed here: its number is -1
        return True
