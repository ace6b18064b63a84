"""What a log line may hold: no key, no secret, nobody's address, whatever formats it."""

import json
import logging
import sys
import threading
import warnings

import pytest

from dashboard.web import log_setup


@pytest.fixture
def configured(monkeypatch, capsys):
    """`configured(shape)` sets logging up as the server does; everything is put back afterwards."""
    root, dashboard = logging.getLogger(), logging.getLogger("dashboard")
    kept = (logging.getLogRecordFactory(), root.handlers[:], root.level, dashboard.level)
    hooks = (sys.excepthook, threading.excepthook)
    others = {name: (lib.handlers[:], lib.propagate) for name in list(logging.root.manager.loggerDict)
              for lib in [logging.getLogger(name)]}  # fmt: skip
    monkeypatch.setattr(log_setup, "_secrets", set())

    def configure(shape="text"):
        log_setup.keep_out(["key-of-the-account", None, "abc"])
        log_setup.configure(shape)

    yield configure
    logging.setLogRecordFactory(kept[0])
    logging.setLoggerClass(logging.Logger)
    root.handlers[:] = kept[1]
    root.setLevel(kept[2])
    dashboard.setLevel(kept[3])
    logging.captureWarnings(capture=False)
    sys.excepthook, threading.excepthook = hooks
    for name, (handlers, propagate) in others.items():
        logging.getLogger(name).handlers[:] = handlers
        logging.getLogger(name).propagate = propagate


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("GET /user/ann.o'neil+x@example.co.uk/x", "GET /user/ann.o'[email]/x"),
        ("a%40example.com", "[email]"),
        ("POST /webhook/klenty/abc-DEF_1.~x?y HTTP/1.1", "POST /webhook/klenty/…?y HTTP/1.1"),
        ("{'x-API-key': 'k-1'}", "{'x-API-key': '[secret]'}"),
        ("key-of-the-account, abc", "[secret], abc"),
        ("nothing to hide", "nothing to hide"),
        ("x" * 100_000 + "@", "x" * 100_000 + "@"),
    ],
)
def test_redacted(monkeypatch, text, said):
    monkeypatch.setattr(log_setup, "_secrets", {"key-of-the-account"})
    assert log_setup.redacted(text) == said


@pytest.mark.parametrize("shape", ["text", "json"])
def test_no_logger_and_no_formatter_says_a_secret(configured, capsys, shape):
    foreign = logging.getLogger("streamlit.some.part")
    foreign.addHandler(logging.StreamHandler(sys.stderr))
    foreign.propagate = False
    configured(shape)
    foreign.warning("asked for %s", "ann@example.com")
    late = logging.getLogger("made.later")
    late.addHandler(logging.StreamHandler(sys.stderr))  # formatted by the library's own handler
    late.propagate = False
    raised = _raised("ann@example.com with key-of-the-account")
    late.error("failed for %(who)s", {"who": "bob@example.com"}, exc_info=raised)
    logging.getLogger("dashboard").error("failed", exc_info=raised)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("ann@example.com", stacklevel=1)
    thread = threading.Thread(target=lambda: 1 / len("ann@example.com"[99:]))
    thread.start()
    thread.join()
    sys.excepthook(*_raised("ann@example.com"))
    late.handlers.clear()
    said = capsys.readouterr().err
    assert "example.com" not in said
    assert "key-of-the-account" not in said
    assert said.count("asked for") == 1
    assert "[email] with [secret]" in said
    assert "ZeroDivisionError" in said


def test_json_lines_are_json_each(configured, capsys):
    configured("json")
    logging.getLogger("dashboard").info("one\nline “quoted”")
    logging.getLogger("dashboard.part").error("failed", exc_info=_raised("why"))
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (first["level"], first["logger"], first["message"]) == ("info", "dashboard", "one\nline “quoted”")
    assert second["exception"].endswith("RuntimeError: why")
    assert first["time"].endswith("+00:00")


def test_a_keyboard_interrupt_is_no_error(configured, capsys):
    configured()
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert capsys.readouterr().err == ""


def _fail(text):
    raise RuntimeError(text)


def _raised(text):
    try:
        _fail(text)
    except RuntimeError:
        return sys.exc_info()


def test_a_logger_that_is_born_later_speaks_like_all_others(configured, capsys):
    configured("json")
    late = logging.getLogger(f"born.later.{id(configured)}")
    late.propagate = False  # what Streamlit does to each of its loggers
    late.addHandler(logging.StreamHandler(sys.stderr))
    late.warning("ann@example.com has key-of-the-account")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["message"] == "[email] has [secret]"


def test_the_server_names_every_secret_of_its_settings(configured, capsys, tmp_path, monkeypatch):
    from dashboard import server  # noqa: PLC0415  # an application, once

    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(
        'KLENTY_USER = "ann@example.com"\nKLENTY_API_KEY = "secret-key"\n'
        'KLENTY_WEBHOOK_SECRET = "secret-of-24-letters-more"\n'
        'KLENTY_DATABASE_URL = "postgresql://klenty:secret-db@db/klenty"\n'
        '[auth]\ncookie_secret = "secret-cookie"\n[auth.google]\nclient_secret = "secret-client"\n'
        '[accounts.emea]\nuser = "bo@example.com"\napi_key = "secret-emea"\n'
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    configured()
    server._configure_logs()
    secrets = ("key", "of-24-letters-more", "db", "cookie", "client", "emea")
    logging.getLogger("dashboard").warning("said: %s", [f"secret-{name}" for name in secrets])
    said = capsys.readouterr().err
    assert said.count("[secret]") == len(secrets)
    assert "secret-" not in said


def test_a_cause_is_written_once_a_minute_and_counted(configured, capsys, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(log_setup.time, "monotonic", lambda: now[0])
    configured()
    for handler in logging.getLogger().handlers:
        handler.filters[0]._clock = lambda: now[0]
    log = logging.getLogger("asyncio")
    for _ in range(1_000):
        log.error("socket.accept() out of system resource")
        log.info("not counted")
    log.error("another cause")
    now[0] = 61.0
    log.error("socket.accept() out of system resource")
    lines = [line for line in capsys.readouterr().err.splitlines() if "system resource" in line]
    assert len(lines) == 2
    assert lines[1].endswith("(and 999 times more in the last minute)")


def test_names_in_any_script_are_readable_in_json_lines():
    record = logging.LogRecord("x", logging.INFO, "", 0, "Zoë 名", (), None)
    assert "Zoë 名" in log_setup.JsonLines().format(record)
