"""deploy/nginx.conf in front of a dashboard, as an operator installs it: another name, certificate and ports."""

import json
import os
import re
import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .conftest import Running, free_port
from .waiting import wait_for

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(NGINX is None, reason="no nginx is installed; on Debian: apt-get install nginx"),
]

ROOT = Path(__file__).parents[2]
SECRET = "a-secret-of-more-than-24-letters"
PERSON = "through.nginx@prospect.example"
# Where an installation has files of its own, and ports below 1024.
AROUND = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1; {user}
events {{}}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {conf}
}}
"""


class KeepRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


OPENER = urllib.request.build_opener(
    KeepRedirects, urllib.request.HTTPSHandler(context=ssl._create_unverified_context())
)


@dataclass(frozen=True)
class Proxied:
    """A dashboard behind nginx."""

    http: str
    https: str
    folder: Path
    dashboard: Running

    def ask(self, path, *, base="", data=None, **headers):
        """Code, headers and body of one request through nginx."""
        request = urllib.request.Request((base or self.https) + path, data, headers)
        try:
            with OPENER.open(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.headers, refused.read()

    def logs(self) -> str:
        return "".join(path.read_text() for path in self.folder.glob("*.log"))


def installed(folder: Path, http: int, https: int, dashboard: str) -> str:
    """The file of deploy/, with what an operator puts in; each must be there to be replaced."""
    text = (ROOT / "deploy/nginx.conf").read_text()
    for before, after in {
        "listen 80;": f"listen 127.0.0.1:{http};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{https} ssl http2;",
        "listen [::]:80;": "",
        "listen [::]:443 ssl http2;": "",
        "dashboard.company.com": "localhost",
        "/etc/ssl/": f"{folder}/",
        "/var/log/nginx/": f"{folder}/",
        "http://127.0.0.1:8501": dashboard,
    }.items():
        assert before in text
        text = text.replace(before, after)
    return text


@pytest.fixture(scope="module")
def proxied(tmp_path_factory, sandbox, start_dashboard) -> Iterator[Proxied]:
    openssl = shutil.which("openssl")
    if openssl is None or NGINX is None:
        pytest.fail("no openssl is installed")
    folder, http, https = tmp_path_factory.mktemp("nginx"), free_port(), free_port()
    make = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    make += ["-keyout", str(folder / "dashboard.key"), "-out", str(folder / "dashboard.pem")]
    subprocess.run(make, check=True, capture_output=True)
    env = {
        "KLENTY_USER": sandbox.user,
        "KLENTY_API_KEY": sandbox.api_key,
        "KLENTY_BASE_URL": sandbox.base_url,
        "KLENTY_WEBHOOK_SECRET": SECRET,
        "KLENTY_ALLOW_ACTIONS": "1",
        "KLENTY_DATABASE_URL": f"sqlite:///{folder / 'history.sqlite3'}",
    }
    with start_dashboard(tmp_path_factory.mktemp("dashboard"), **env) as dashboard:
        user = "user root;" if os.geteuid() == 0 else ""  # pytest's folders are for one user
        whole = AROUND.format(folder=folder, user=user, conf=installed(folder, http, https, dashboard.url))
        (folder / "nginx.conf").write_text(whole)
        command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        process = subprocess.Popen(command)
        found = Proxied(f"http://localhost:{http}", f"https://localhost:{https}", folder, dashboard)
        try:
            wait_for(lambda: found.ask("/")[0] == 200)
            yield found
        finally:
            process.terminate()
            process.wait(60)


@pytest.fixture
def page(browser, proxied):
    context = browser.new_context(base_url=proxied.https, ignore_https_errors=True, locale="en-GB")
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    yield opened
    context.close()


def test_pages_live_behind_it_and_know_that_others_are_there(page, settle, sandbox):
    minded, sockets = [], []
    page.on("console", lambda said: minded.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: minded.append(str(error)))
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto("/?range=Last+7+days")
    settle(page)
    assert page.locator("[data-testid=stMetricValue]").first.is_visible()
    page.get_by_role("link", name="Cadence", exact=True).first.click()
    page.wait_for_url(re.compile("/cadence"))
    settle(page)
    assert page.get_by_role("heading", level=1).first.inner_text() in sandbox.cadence_names
    assert page.get_by_text("No sign-in").first.is_visible()  # X-Forwarded-For: it is not only this machine any more
    assert [url.split("?")[0].split("//")[0] for url in sockets] == ["wss:"]
    assert minded == []


def test_what_is_not_for_others_stays_inside(proxied):
    for path in ("/healthz", "/readyz", "/_stcore/metrics", "/_stcore/agent/openapi.json", "/%68ealthz", "//healthz"):
        assert proxied.ask(path)[0] == 404
    code, headers, _ = proxied.ask("/explore?range=x", base=proxied.http)
    assert (code, headers["Location"]) == (301, "https://localhost/explore?range=x")
    _, headers, body = proxied.ask("/", **{"Accept-Encoding": "gzip"})
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Content-Encoding"] == "gzip"
    assert len(body) > 100


def test_the_largest_file_passes_and_a_larger_one_does_not(page, settle):
    uploads = []
    page.on("request", lambda request: uploads.append(request.url) if request.method == "PUT" else None)
    page.goto("/import_prospects")
    settle(page)
    file = {"name": "one.csv", "mimeType": "text/csv", "buffer": b"Email\nsomebody@prospect.example\n"}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_text(re.compile("To be sent")).first.wait_for()
    (token,) = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "_streamlit_xsrf"]

    def put(size: int) -> int:
        sent = {"file": {"name": "one.csv", "mimeType": "text/csv", "buffer": b"x" * size}}
        return page.request.put(uploads[-1], multipart=sent, headers={"X-Xsrftoken": token}).status

    assert put(10 * 1024 * 1024 - 1_000) == 204  # a thousand bytes for what a form puts around a file
    assert put(10 * 1024 * 1024) == 413


def test_webhooks_pass_and_no_log_names_their_secret_even_when_the_dashboard_is_away(proxied):
    def deliver(path: str, body: bytes = b"") -> int:
        fields = {"event": "reply", "email": PERSON, "cadenceName": "Partners"}
        return proxied.ask(path, data=body or json.dumps(fields).encode())[0]

    wait_for(lambda: deliver(f"/webhook/klenty/{SECRET}") == 200)
    assert deliver(f"/webhook/%6blenty/{SECRET}") == 200
    assert deliver(f"/%77ebhook/klenty/{SECRET}") == 200
    assert deliver("/webhook/klenty/wrong") == 404
    assert deliver(f"/webhook/klenty/{SECRET}", b"no JSON") == 400
    assert deliver(f"/webhook/klenty/{SECRET}", b" " * 300_000) == 413
    assert proxied.ask(f"/webhook/klenty/{SECRET}", base=proxied.http, data=b"{}")[0] == 301
    proxied.dashboard.process.kill()
    proxied.dashboard.process.wait(60)
    assert deliver(f"/webhook/klenty/{SECRET}") == 502
    assert proxied.ask("/explore")[0] == 502
    logs = proxied.logs()
    assert "GET /explore" in logs  # they do hold what they may, failures too
    assert "Connection refused" in logs
    for text in (SECRET, "ebhook/", PERSON):
        assert text not in logs
