"""A review as a mail: the main figures in its text, the files attached, handed to a mail server once."""

import smtplib
import ssl
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, make_msgid
from typing import Final

from dashboard.charts.text import clean, shorten
from dashboard.exports.html import templates
from dashboard.exports.review import Review
from dashboard.settings import MailServer

_PATIENCE: Final = 60.0
_TYPES: Final = {
    "html": ("text", "html"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "zip": ("application", "zip"),
}


class MailNotSentError(Exception):
    """The mail was not accepted. The message says why, for people; it never holds the password."""


def compose(review: Review, files: Mapping[str, bytes], *, sender: str, to: Sequence[str]) -> EmailMessage:
    """The mail: subject with account and range, the main figures as text and as HTML, and `files` attached."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = clean(f"Cadence review: {shorten(review.account, 80)}, {review.range}")
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Date"] = localtime()
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    facts = {"review": review, "files": list(files)}
    message.set_content(templates().get_template("mail.txt").render(facts), cte="quoted-printable")
    message.add_alternative(templates().get_template("mail.html").render(facts), subtype="html", cte="quoted-printable")
    for name, content in files.items():
        kind, subtype = _TYPES[name.rpartition(".")[2]]
        charset = {"charset": "utf-8"} if kind == "text" else {}
        message.add_attachment(content, maintype=kind, subtype=subtype, filename=name, params=charset)
    return message


def send(message: EmailMessage, server: MailServer) -> None:
    """Hand `message` to the server, once. Raises `MailNotSentError`, also when only some recipients were accepted."""
    try:
        with _session(server) as session:
            if server.user and server.password:
                session.login(server.user, server.password)
            refused = session.send_message(message)
    except smtplib.SMTPAuthenticationError:
        raise MailNotSentError("The mail server refused KLENTY_SMTP_USER and KLENTY_SMTP_PASSWORD.") from None
    except smtplib.SMTPRecipientsRefused as error:
        raise MailNotSentError(f"The mail server refused every recipient. {_who(error.recipients)}") from None
    except smtplib.SMTPResponseException as error:
        raise MailNotSentError(
            f"The mail server refused the mail: {_said(error.smtp_code, error.smtp_error)}"
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise MailNotSentError(
            f"The mail server does not offer what KLENTY_SMTP_SECURITY={server.security} and the sign-in need."
        ) from None
    except ssl.SSLError as error:
        raise MailNotSentError(f"No secure connection to the mail server: {error.reason or 'TLS failed'}.") from None
    except (smtplib.SMTPException, OSError) as error:
        raise MailNotSentError(
            f"The mail server {server.host}, port {server.port}, could not be used ({type(error).__name__})."
        ) from None
    if refused:
        raise MailNotSentError(f"The mail was sent, but not to everyone. {_who(refused)}")


def _session(server: MailServer) -> smtplib.SMTP:
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


def _who(refused: Mapping[str, tuple[int, bytes]]) -> str:
    return " ".join(f"{clean(address)}: {_said(code, text)}" for address, (code, text) in refused.items())


def _said(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {shorten(words, 200)}".rstrip(".") + "."
