"""A review made by hand, of names and subjects that attack whatever shows them."""

import socket
import ssl
from datetime import UTC, date, datetime
from types import MappingProxyType

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from dashboard.analysis.ab_tests import experiments
from dashboard.analysis.watch_list.watch_list import Levels, Memory
from dashboard.data import frames
from dashboard.data.cadence_report import CadenceReport
from dashboard.data.windows import Window, earlier_window
from dashboard.exports.collect import Asked, Gathered
from dashboard.settings import MailServer
from klenty_api import Cadence, EmailEngagement, ServiceError, Step

MADE_AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)
WINDOW = Window(date(2026, 10, 27), date(2026, 11, 23), "Europe/Berlin")
HOSTILE = (
    '</script><script>document.title="owned"</script>',
    '<img src=x onerror="document.title=1"><b>bold</b> & "quoted"',
    '=HYPERLINK("http://evil.example";"Click")',
    "\u202eright to left\u202c %{y} $x^2$ <a href='javascript:1'>link</a>",
    "x" * 10_000,
    "]]>--><!-- {{ 7*7 }} {% raw %} \u2028 \U0001f680",
)


def _step(number, subject, sent, replies):
    options = [
        {
            "option": option, "subject": f"{subject} {option}", "snippet": subject, "templateName": subject,
            "mailCount": sent, "replyCount": replies * option, "positiveReply": replies, "openCount": sent // 2,
            "linkCount": 1,
        }
        for option in (1, 2)
    ]  # fmt: skip
    totals = {"mailCount": 2 * sent, "replyCount": 3 * replies, "positiveReply": 2 * replies, "openCount": sent}
    return {"stepNumber": number, "stepType": "mail", "options": options} | totals


def _report(name, window, number, *, fails=False):
    error = ServiceError("failed", operation="Email Engagements", status=503) if fails else None
    counts = {
        "prospectsAdded": 400, "inCadenceCount": 50, "prospectsCompleted": 100, "openCount": 300, "linkCount": 12,
        "replyCount": 30 + number, "unsubscribeCount": 2, "bounceCount": 40, "positiveCount": 12, "negativeCount": 5,
        "mailSentCount": 800, "contactedCount": 400,
    }  # fmt: skip
    steps = [_step(1, name, 200, 10 + number), _step(2, name, 200, 4)]
    return CadenceReport(
        Cadence(f"c{number}", name, f"owner {name[:40]}", True, None), window,
        None if fails else EmailEngagement.read(counts), None if fails else tuple(map(Step.read, steps)),
        error, error, MADE_AT, 0.5,
    )  # fmt: skip


@pytest.fixture(scope="session")
def gathered():
    """What arrived for the hostile names; the last cadence failed."""
    earlier = earlier_window(WINDOW, preset="28d")

    def all_of(window):
        reports = [_report(name, window, number) for number, name in enumerate(HOSTILE)]
        return [*reports, _report("=failed", window, len(HOSTILE), fails=True)]

    reports = all_of(WINDOW)
    cadences = [report.cadence for report in reports]
    asked = Asked(
        "sam@x.io", "https://api.klenty.com", cadences, cadences, WINDOW, earlier, TODAY, "contacted",
        Levels(), Memory(),
    )  # fmt: skip
    options = frames.options_frame(reports)
    verdicts = MappingProxyType(
        {events: experiments.evaluate_steps(options, events=events) for events in experiments.JUDGED_BY}
    )
    return Gathered(asked, reports, all_of(earlier), verdicts, [])


@pytest.fixture(scope="session")
def made_at():
    """When it was made."""
    return MADE_AT


@pytest.fixture(scope="session")
def hostile():
    """Its names."""
    return HOSTILE


MAIL_PASSWORD = "s3cret-mail-pass"


class MailInbox:
    """What arrived; addresses beginning with no are refused."""

    def __init__(self):
        self.envelopes = []

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802
        if address.startswith("no"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.envelopes.append((session, envelope))
        return "250 OK"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def mailbox():
    return MailInbox()


@pytest.fixture
def server(mailbox, authority, tmp_path, monkeypatch):
    """A mail server that wants STARTTLS and a password, and whose certificate this machine trusts."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    def check(_server, _session, _envelope, _mechanism, given):
        right = (given.login, given.password) == (b"robot", MAIL_PASSWORD.encode())
        return AuthResult(success=right, handled=False)

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = Controller(
        mailbox, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True, auth_required=True,
        authenticator=check,
    )  # fmt: skip
    running.start()
    yield MailServer("127.0.0.1", port, "reports@x.io", "starttls", "robot", MAIL_PASSWORD)
    running.stop()
