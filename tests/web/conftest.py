"""The dashboard as a process of its own: what a test can kill."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Server:
    """A running dashboard."""

    url: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def get(self, path: str) -> tuple[int, bytes, dict[str, str]]:
        """Code, body and headers (names in lower case) of a GET."""
        request = urllib.request.Request(self.url + path)
        with contextlib.closing(_open(request)) as answer:
            return answer.status, answer.read(), {name.lower(): value for name, value in answer.headers.items()}

    def wait_for(self, path: str, code: int = 200) -> None:
        """Until `path` answers with `code`."""
        for _ in range(600):
            with contextlib.suppress(OSError):
                if self.get(path)[0] == code:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"{path} does not answer:\n{self.log.read_text()}")


def _open(request: urllib.request.Request):
    try:
        return urllib.request.urlopen(request, timeout=5)
    except urllib.error.HTTPError as answer:
        return answer


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _start(folder: Path, **env: str) -> Iterator[Server]:
    port, log = _free_port(), folder / "dashboard.log"
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("KLENTY_", "STREAMLIT_"))}
    settings = {"HOME": str(folder), "KLENTY_TIMEZONE": "Europe/Berlin", "PYTHONPATH": str(ROOT)} | env
    command = [sys.executable, "-P", "-c", "from dashboard.cli import main; main()", "--port", str(port)]
    with log.open("ab") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=clean | settings, stdout=out, stderr=out)
    server = Server(f"http://127.0.0.1:{port}", port, process, log)
    try:
        server.wait_for("/healthz")
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
def start_server():
    """`start_server(folder, **environment)`: the dashboard in a process, until the `with` ends."""
    return _start
