"""A server on loopback that misbehaves as told, and counts what reaches it: mocks sit above the retry layer."""

import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from klenty_api import KlentyClient, Policy

sys.path.insert(0, str(Path(__file__).parent))  # test files may import `simulated`, however pytest is started

USER = "kevin@klenty.com"
KEY = "very-secret-key-123"
PERSON = "rex+test@klenty.com"

Reply = Callable[[socket.socket], None]


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Loopback:
    """Answers the n-th request with the n-th reply, and the rest with the last one."""

    replies: list[Reply]
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def http(status: int = 200, body: str | bytes = "{}", **headers: str) -> Reply:
    payload = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(payload)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    def reply(connection: socket.socket) -> None:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + payload)

    return reply


def cut(declared: int = 5000) -> Reply:
    """Half an answer, then the end of the connection."""

    def reply(connection: socket.socket) -> None:
        connection.sendall(f'HTTP/1.1 200 OK\r\nContent-Length: {declared}\r\n\r\n{{"replyCount": 1'.encode())
        connection.close()

    return reply


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def hang(connection: socket.socket) -> None:
    time.sleep(3)
    connection.close()


def drip(start: bytes) -> Reply:
    """`start`, and then one byte every 50 ms for ever."""

    def reply(connection: socket.socket) -> None:
        connection.sendall(start)
        for _ in range(200):
            connection.sendall(b"x")
            time.sleep(0.05)

    return reply


DRIPPING_HEADERS = drip(b"HTTP/1.1 200 OK\r\nX-Slow: ")
DRIPPING_BODY = drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n")


def _read(connection: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in rest)
    while len(body) < int(headers.get("Content-Length", 0)):
        body += connection.recv(65536)
    method, path, _ = first.split(" ")
    return Request(method, path, headers, body)


def _serve(server: Loopback, connection: socket.socket, lock: threading.Lock) -> None:
    with connection:
        try:
            while (request := _read(connection)) is not None:
                with lock:
                    server.requests.append(request)
                    number = min(len(server.requests), len(server.replies)) - 1
                server.replies[number](connection)
        except OSError:
            pass  # the client has left


@contextmanager
def loopback(*replies: Reply) -> Iterator[Loopback]:
    server, lock = Loopback(list(replies)), threading.Lock()
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    server.port = listener.getsockname()[1]

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            threading.Thread(target=_serve, args=(server, connection, lock), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)  # wakes accept(), which would take one more connection
        listener.close()


@dataclass(frozen=True)
class Kit:
    """What the tests of the wire need, as a fixture because test files cannot import each other."""

    http = staticmethod(http)
    cut = staticmethod(cut)
    reset = staticmethod(reset)
    hang = staticmethod(hang)
    dripping_headers = staticmethod(DRIPPING_HEADERS)
    dripping_body = staticmethod(DRIPPING_BODY)
    loopback = staticmethod(loopback)
    user: str = USER
    key: str = KEY
    person: str = PERSON

    @staticmethod
    def client(server: Loopback, **options: object) -> KlentyClient:
        settings: dict[str, object] = {"policy": Policy(first_wait=0.01), "timeout": (1.0, 1.0), "deadline": 5.0}
        return KlentyClient(USER, KEY, base_url=server.url, **(settings | options))  # type: ignore[arg-type]


@pytest.fixture
def kit() -> Kit:
    return Kit()
