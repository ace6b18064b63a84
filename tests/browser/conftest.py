"""A real dashboard process, a real Chromium, and a sandbox that the tests can let fail."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from klenty_api.sandbox import Sandbox

READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
ROOT = Path(__file__).parents[2]
PATIENCE = 60_000  # ms; no test depends on how fast or how busy the machine is
expect.set_options(timeout=PATIENCE)


@dataclass(frozen=True)
class Running:
    """A dashboard that answers, and where it writes its log."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def dashboard(folder: Path, **env: str) -> Iterator[Running]:
    """`klenty-dashboard` as a process of its own, in an empty folder."""
    port, log = free_port(), folder / "dashboard.log"
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("KLENTY_", "STREAMLIT_"))}
    settings = {"HOME": str(folder), "KLENTY_TIMEZONE": "Europe/Berlin", "PYTHONPATH": str(ROOT)} | env
    command = [sys.executable, "-c", "from dashboard.cli import main; main()", "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=clean | settings, stdout=out, stderr=out)
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", process, log)
        yield Running(f"http://127.0.0.1:{port}", log, process)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(900):
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer:\n{log.read_text()}")


def deliver(url: str, secret: str, fields: dict[str, str]) -> None:
    """Send a delivery, again while the receiver is not ready: as Klenty would."""
    request = urllib.request.Request(f"{url}/webhook/klenty/{secret}", data=json.dumps(fields).encode())
    for _ in range(200):
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                code = answer.status
        except urllib.error.HTTPError as refused:
            code = refused.code
        if code != 503:
            break
        time.sleep(0.1)
    assert code == 200


@contextmanager
def identity_provider(folder: Path, people: Sequence[dict[str, object]]) -> Iterator[str]:
    """A real OpenID Connect provider as a process of its own; `people` are its users' claims."""
    port, log = free_port(), folder / "provider.log"
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), "--host", "localhost"]
    command += [part for claims in people for part in ("--user-claims", json.dumps(claims))]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        wait_until_healthy(f"http://localhost:{port}/.well-known/openid-configuration", process, log)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="session")
def start_provider():
    return identity_provider


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.fail("no Chromium is installed; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def running(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    env = {"KLENTY_USER": sandbox.user, "KLENTY_API_KEY": sandbox.api_key, "KLENTY_BASE_URL": sandbox.base_url}
    with dashboard(tmp_path_factory.mktemp("home"), **env) as process:
        yield process


@pytest.fixture
def page(browser: Browser, running: Running) -> Iterator[Page]:
    context = browser.new_context(base_url=running.url, viewport={"width": 1440, "height": 1000}, locale="en-GB")
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    yield opened
    context.close()


@pytest.fixture(scope="session")
def start_dashboard():
    return dashboard


@pytest.fixture
def settle():
    """Wait until the page's script has run and everything is drawn."""

    def wait(page: Page) -> None:
        page.context.set_default_timeout(PATIENCE)
        page.wait_for_selector(READY)
        page.wait_for_function("() => !document.querySelector('[data-testid=\"stSkeleton\"]')")
        page.wait_for_timeout(250)
        page.wait_for_selector(READY)

    return wait


@pytest.fixture
def ask(sandbox):
    """`ask(path, body)` asks Klenty without any code of ours."""

    def run(path, body=None):
        request = urllib.request.Request(
            f"{sandbox.base_url}/apis/v1/user/{urllib.parse.quote(sandbox.user, safe='')}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"x-API-key": sandbox.api_key, "Content-Type": "application/json", "User-Agent": "recount"},
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    return run
