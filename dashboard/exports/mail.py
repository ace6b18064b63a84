"""A review as a mail: the main figures in its text, the files attached, handed to a mail server."""

import contextlib
import smtplib
import ssl
from collections import deque
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, make_msgid
from typing import Final

from dashboard.charts.text import clean, shorten
from dashboard.exports.chat import Message
from dashboard.exports.html import templates
from dashboard.exports.review import Review
from dashboard.settings import MailServer

_PATIENCE: Final = 60.0
_GOODBYE_SECONDS: Final = 5.0
_NO_UNICODE: Final = "the mail server takes no addresses with letters outside ASCII (SMTPUTF8)."
_TYPES: Final = {
    "html": ("text", "html"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "zip": ("application", "zip"),
}


class MailNotSentError(Exception):
    """The mail was not accepted, at least not for everyone. The message says why and never holds the password.

    `outcome_known` is False where the connection broke while the mail was handed over.
    """

    outcome_known = True


class MailServerDownError(MailNotSentError):
    """The mail server could not be reached or used, so nothing was handed over: it may be tried again."""


class _NotAcceptedError(Exception):
    """The server accepted the mail for none of several recipients, perhaps because of one; holds its words for each."""

    def __init__(self, refused: Mapping[str, str]) -> None:
        super().__init__()
        self.refused = refused


def compose(
    review: Review, files: Mapping[str, bytes], *, sender: str, to: Sequence[str], message: Message | None = None
) -> EmailMessage:
    """Return the mail: subject with account and range, the main figures as text and HTML, and `files` attached.

    Args:
        review: What the figures are taken from.
        files: Attachments by file name.
        sender: Address it comes from.
        to: Addresses it goes to, with the names of their servers in ASCII.
        message: Of a delivery: its title is the subject, its decisions and link are said; None for a plain report.
    """
    letter = EmailMessage(policy=SMTP)
    title = message.title if message else f"Cadence review: {shorten(review.account, 80)}, {review.range}"
    letter["Subject"] = clean(title)
    letter["From"] = sender
    letter["To"] = ", ".join(to)
    letter["Date"] = localtime()
    letter["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    letter["Auto-Submitted"] = "auto-generated"
    facts = {"review": review, "files": list(files), "message": message}
    letter.set_content(templates().get_template("mail.txt").render(facts), cte="quoted-printable")
    letter.add_alternative(templates().get_template("mail.html").render(facts), subtype="html", cte="quoted-printable")
    for name, content in files.items():
        kind, subtype = _TYPES[name.rpartition(".")[2]]
        charset = {"charset": "utf-8"} if kind == "text" else {}
        letter.add_attachment(content, maintype=kind, subtype=subtype, filename=name, params=charset)
    return letter


def send(message: EmailMessage, server: MailServer) -> None:
    """Hand `message` to the server, so that no recipient costs another theirs.

    Recipients whose names need SMTPUTF8 get a mail of their own. When the server accepts the mail for none of several,
    each is tried alone. Raises `MailNotSentError`, also when only some were accepted.
    """
    addressed = message["To"]
    everyone = [address.addr_spec for address in addressed.addresses]
    unicode = [[each] for each in everyone if not each.isascii()]
    waiting = deque(filter(None, [[each for each in everyone if each.isascii()], *unicode]))
    refused: dict[str, str] = {}
    began = False
    while waiting:
        group = waiting.popleft()
        try:
            refused |= _hand_over(message, group, server)
        except _NotAcceptedError as error:
            if len(group) > 1:
                waiting.extend([each] for each in group)
            else:
                refused |= error.refused
        except MailNotSentError as problem:
            if not began:
                raise
            refused |= dict.fromkeys(group, str(problem))
        began = True
    message.replace_header("To", addressed)
    if refused:
        reasons = " ".join(f"{clean(address)}: {words}" for address, words in refused.items())
        if len(refused) == len(everyone):
            raise MailNotSentError(f"The mail server refused every recipient. {reasons}")
        raise MailNotSentError(f"The mail was sent, but not to everyone. {reasons}")


def _hand_over(message: EmailMessage, to: Sequence[str], server: MailServer) -> dict[str, str]:
    """Send to these recipients at once; return the refused ones with the server's words.

    Raises `_NotAcceptedError` when it was accepted for nobody, `MailNotSentError` when the server cannot be used.
    """
    session = _session(server)
    message.replace_header("To", ", ".join(to))  # others may have names that this mail's head cannot hold
    try:
        refused = session.send_message(message, server.sender, to)
    except smtplib.SMTPRecipientsRefused as error:
        raise _NotAcceptedError({each: _said(*error.recipients.get(each, (0, b""))) for each in to}) from None
    except smtplib.SMTPSenderRefused as error:
        words = _said(error.smtp_code, error.smtp_error)
        raise MailNotSentError(f"The mail server refused the mail: {words}") from None
    except smtplib.SMTPNotSupportedError:
        return dict.fromkeys(to, _NO_UNICODE)
    except smtplib.SMTPResponseException as error:
        raise _NotAcceptedError(dict.fromkeys(to, _said(error.smtp_code, error.smtp_error))) from None
    except (smtplib.SMTPException, OSError) as error:
        problem = MailNotSentError(
            f"The connection to the mail server broke while the mail was handed over ({type(error).__name__}). Whether "
            "it was accepted is not known."
        )
        problem.outcome_known = False
        raise problem from None
    finally:
        _leave(session)
    return {address: _said(code, text) for address, (code, text) in refused.items()}


def _session(server: MailServer) -> smtplib.SMTP:
    """Return a connection that is secured and signed in as the settings say. Raises `MailNotSentError`."""
    session: smtplib.SMTP | None = None
    kind = MailNotSentError
    try:
        session = _connected(server)
        if server.user and server.password:
            session.login(server.user, server.password)
    except smtplib.SMTPAuthenticationError:
        problem = "The mail server refused KLENTY_SMTP_USER and KLENTY_SMTP_PASSWORD."
    except smtplib.SMTPNotSupportedError:
        problem = f"The mail server does not offer what KLENTY_SMTP_SECURITY={server.security} and the sign-in need."
    except smtplib.SMTPResponseException as error:
        problem = f"The mail server refused the mail: {_said(error.smtp_code, error.smtp_error)}"
    except ssl.SSLError as error:
        problem = f"No secure connection to the mail server: {error.reason or 'TLS failed'}."
    except (smtplib.SMTPException, OSError) as error:
        kind = MailServerDownError
        problem = f"The mail server {server.host}, port {server.port}, could not be used ({type(error).__name__})."
    else:
        return session
    if session is not None:
        session.close()
    raise kind(problem)


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=_PATIENCE, context=ssl.create_default_context())
    session = smtplib.SMTP(server.host, server.port, timeout=_PATIENCE)
    if server.security == "starttls":
        try:
            session.starttls(context=ssl.create_default_context())
        except BaseException:
            session.close()
            raise
    return session


def _leave(session: smtplib.SMTP) -> None:
    """Say goodbye: by then the mail is accepted or not, whatever the answer is."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        if session.sock is not None:
            session.sock.settimeout(_GOODBYE_SECONDS)
            session.quit()
    session.close()


def _said(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code or ''} {shorten(words, 200) or 'not accepted'}".strip().rstrip(".") + "."
