"""Mail, handed to a real SMTP server on this machine: sign-in, encryption, refusals; and never the password."""

import email
import logging
import ssl
from dataclasses import replace
from email.policy import default

import pytest
import trustme
from click.testing import CliRunner
from scripted_smtp import ScriptedSmtp

from dashboard.cli import main
from dashboard.exports.formats import files
from dashboard.exports.mail import MailNotSentError, compose, send
from dashboard.exports.review import review
from dashboard.settings import MailServer, SettingsError, load_mail_server, mail_address

PASSWORD = "s3cret-mail-pass"
TO = ["boss@x.io", "team@x.io"]


@pytest.fixture(scope="module")
def message(gathered, made_at):
    about = review(gathered, made_at=made_at)
    made = files(gathered, ["html", "xlsx"], made_at=made_at)
    return lambda to=TO: compose(about, made, sender="reports@x.io", to=to)


def test_a_review_arrives_encrypted_with_its_figures_and_files(server, mailbox, message, gathered, made_at):
    send(message(), server)
    ((session, envelope),) = mailbox.envelopes
    assert session.ssl is not None
    assert session.authenticated
    assert envelope.rcpt_tos == TO
    arrived = email.message_from_bytes(envelope.content, policy=default)
    assert arrived["Subject"] == "Cadence review: sam@x.io, 27 Oct – 23 Nov 2026 (28 days, Europe/Berlin)"
    assert (arrived["From"], arrived["To"]) == ("reports@x.io", ", ".join(TO))
    assert arrived["Auto-Submitted"] == "auto-generated"  # so that no absence note answers
    assert arrived["Message-ID"].endswith("@x.io>")
    assert arrived["Date"].datetime.utcoffset() is not None
    text, html = (arrived.get_body([kind]).get_content() for kind in ("plain", "html"))
    figure = next(item for item in review(gathered, made_at=made_at).figures if item.metric == "replies")
    for body in (text, html):
        assert figure.value_text in body
        assert figure.rate_text in body
        assert "nothing came" in body
    assert "<script" not in html
    # Byte for byte: another line ending in the pack, and its own scripts would no longer be allowed.
    attached = {part.get_filename(): part.get_payload(decode=True) for part in arrived.iter_attachments()}
    assert attached == files(gathered, ["html", "xlsx"], made_at=made_at)
    assert PASSWORD.encode() not in envelope.content


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": "wrong-pass"}, "refused KLENTY_SMTP_USER and KLENTY_SMTP_PASSWORD"),
        ({"user": None, "password": None}, "refused the mail: 530"),
        ({"security": "none"}, "does not offer what KLENTY_SMTP_SECURITY=none and the sign-in need"),
        ({"security": "tls"}, "No secure connection"),
        ({"port": 1}, "could not be used (ConnectionRefusedError)"),
    ],
)
def test_a_refusal_says_why_and_not_the_password(server, mailbox, message, change, said, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(MailNotSentError) as caught:
        send(message(), replace(server, **change))
    assert said in str(caught.value)
    for secret in (PASSWORD, "wrong-pass"):
        assert secret not in str(caught.value)
        assert secret not in caplog.text
    assert mailbox.envelopes == []


def test_a_certificate_that_nobody_vouches_for_is_refused(server, mailbox, message, monkeypatch, tmp_path):
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "other.pem"))
    with pytest.raises(MailNotSentError, match="No secure connection"):
        send(message(), server)
    assert mailbox.envelopes == []


def test_recipients_who_are_refused_are_named_and_the_others_get_it(server, mailbox, message):
    with pytest.raises(MailNotSentError, match=r"not to everyone\. nobody@x\.io: 550"):
        send(message(["boss@x.io", "nobody@x.io"]), server)
    assert [envelope.rcpt_tos for _, envelope in mailbox.envelopes] == [["boss@x.io"]]
    with pytest.raises(MailNotSentError, match="refused every recipient"):
        send(message(["nobody@x.io"]), server)


@pytest.fixture
def scripted():
    """`scripted(answers)`: a mail server that answers so, as settings, and the list of what it accepted."""
    running = []

    def start(answers, features=()):
        running.append(ScriptedSmtp(answers, features))
        return running[-1].settings, running[-1].accepted

    yield start
    for server in running:
        server.stop()


@pytest.mark.parametrize("goodbye", ["421 too busy to say goodbye", "500 what?", "221 bye"])
def test_what_was_accepted_is_accepted_whatever_the_goodbye(scripted, message, goodbye):
    server, accepted = scripted({"quit": goodbye})
    send(message(), server)
    assert [to for to, _ in accepted] == [TO]


@pytest.mark.parametrize(
    "answers", [{"rcpt to:<bad@x.io>": "421 closing"}, {"end": "554 refused, for there is a bad one"}]
)
def test_a_recipient_who_upsets_the_server_does_not_cost_the_others_theirs(scripted, message, answers):
    server, accepted = scripted(answers)
    addresses = ["boss@x.io", "bad@x.io", "team@x.io"]
    if "end" in answers:
        send(message(addresses), server)
        assert sorted(to for (to,), _ in accepted) == sorted(addresses)
        return
    with pytest.raises(MailNotSentError, match=r"not to everyone\. bad@x\.io: 421 closing"):
        send(message(addresses), server)
    assert [to for to, _ in accepted] == [["boss@x.io"], ["team@x.io"]]


def test_names_outside_ascii_are_sent_where_the_server_takes_them_and_named_elsewhere(scripted, message):
    addresses = ["boss@x.io", "jürgen@xn--mnchen-3ya.de", "संपर्क@x.io"]
    server, accepted = scripted({})
    with pytest.raises(MailNotSentError, match=r"not to everyone\. jürgen@xn--mnchen-3ya\.de: the mail server takes"):
        send(message(addresses), server)
    assert [to for to, _ in accepted] == [["boss@x.io"]]
    assert "jürgen".encode() not in accepted[0][1]
    server, accepted = scripted({}, features=["SMTPUTF8"])
    send(message(addresses), server)
    assert [to for to, _ in accepted] == [[address] for address in addresses]
    assert "To: jürgen@xn--mnchen-3ya.de".encode() in accepted[1][1]


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("ann@münchen.de", "ann@xn--mnchen-3ya.de"),
        ("ann@straße.example", "ann@xn--strae-oqa.example"),
        ("संपर्क@डाटामेल.भारत", "संपर्क@xn--c2bd4bq1db8d.xn--h2brj9c"),
        ("jürgen@x.io", "jürgen@x.io"),
    ],
)
def test_addresses_in_any_script(typed, address):
    assert mail_address(typed) == address


@pytest.mark.parametrize("typed", ["ann", "ann@", "ann@x .io", "ann@-ü-.de", "a@x.io, b@x.io"])
def test_what_is_no_address_is_said(typed):
    with pytest.raises(ValueError, match=r"address|cannot exist"):
        mail_address(typed)


def test_the_command_line_sends_and_says_when_it_cannot(server, mailbox, small_sandbox, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    env = {
        "KLENTY_USER": small_sandbox.user, "KLENTY_API_KEY": small_sandbox.api_key,
        "KLENTY_BASE_URL": small_sandbox.base_url, "KLENTY_TIMEZONE": "Europe/Berlin",
        "KLENTY_DATABASE_URL": f"sqlite:///{tmp_path / 'h.sqlite3'}",
        "KLENTY_SMTP_HOST": "127.0.0.1", "KLENTY_SMTP_PORT": str(server.port), "KLENTY_SMTP_FROM": "reports@x.io",
        "KLENTY_SMTP_USER": "robot", "KLENTY_SMTP_PASSWORD": PASSWORD,
    }  # fmt: skip
    arguments = ["report", "--range", "28d", "--all", "--format", "csv", "--email-to", "boss@x.io"]
    result = CliRunner().invoke(main, arguments, env=env)
    assert result.exit_code == 0, result.output
    assert "Sent to boss@x.io" in result.stdout
    arrived = email.message_from_bytes(mailbox.envelopes[0][1].content, policy=default)
    names = [part.get_filename() for part in arrived.iter_attachments()]
    assert len(names) == 1
    assert names[0].endswith(".zip")  # tables come in one file
    refused = CliRunner().invoke(main, arguments, env=env | {"KLENTY_SMTP_PASSWORD": "wrong-pass"})
    assert refused.exit_code == 1
    assert "refused KLENTY_SMTP_USER" in refused.stderr
    missing = CliRunner().invoke(main, arguments, env=env | {"KLENTY_SMTP_HOST": ""})
    assert missing.exit_code == 2
    assert "KLENTY_SMTP_HOST" in missing.stderr
    assert all(secret not in out.output for out in (result, refused, missing) for secret in (PASSWORD, "wrong-pass"))


MAIL = {"KLENTY_SMTP_HOST": "smtp.x.io", "KLENTY_SMTP_FROM": "reports@x.io"}


def test_settings_of_a_mail_server_and_what_they_default_to():
    assert load_mail_server(MAIL, []) == MailServer("smtp.x.io", 587, "reports@x.io")
    assert load_mail_server(MAIL | {"KLENTY_SMTP_SECURITY": "tls"}, []).port == 465
    local = load_mail_server(MAIL | {"KLENTY_SMTP_HOST": "127.0.0.1", "KLENTY_SMTP_SECURITY": "none"}, [])
    assert (local.port, local.security) == (25, "none")
    full = load_mail_server(MAIL | {"KLENTY_SMTP_USER": "robot", "KLENTY_SMTP_PASSWORD": PASSWORD}, [])
    assert full.password == PASSWORD
    assert PASSWORD not in repr(full)


@pytest.mark.parametrize(
    "wrong",
    [
        {"KLENTY_SMTP_HOST": ""},
        {"KLENTY_SMTP_HOST": "smtp x"},
        {"KLENTY_SMTP_FROM": ""},
        {"KLENTY_SMTP_FROM": "nobody"},
        {"KLENTY_SMTP_FROM": "a@x.io\r\nBcc: b@x.io"},
        {"KLENTY_SMTP_USER": "robot"},
        {"KLENTY_SMTP_PASSWORD": PASSWORD},
        {"KLENTY_SMTP_SECURITY": "ssl"},
        {"KLENTY_SMTP_SECURITY": "none"},
        {"KLENTY_SMTP_PORT": "0"},
        {"KLENTY_SMTP_PORT": "65536"},
    ],
)
def test_settings_that_cannot_be_right_are_named_without_the_password(wrong):
    with pytest.raises(SettingsError) as caught:
        load_mail_server(MAIL | wrong, [])
    assert next(iter(wrong)) in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_a_connection_that_begins_encrypted_checks_the_certificate(monkeypatch, message):
    contexts = []

    def refuse(*_, context=None, **_more):
        contexts.append(context)
        raise ConnectionRefusedError

    monkeypatch.setattr("smtplib.SMTP_SSL", refuse)
    with pytest.raises(MailNotSentError):
        send(message(), MailServer("127.0.0.1", 465, "a@x.io", "tls"))
    assert contexts[0].verify_mode == ssl.CERT_REQUIRED
    assert contexts[0].check_hostname
