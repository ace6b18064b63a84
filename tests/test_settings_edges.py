"""Settings as people really have them: odd files, odd zones, values with blanks."""

import pickle
from pathlib import Path

import pytest

from dashboard.settings import Settings, SettingsError, load_settings, system_timezone

PAIR = {"KLENTY_USER": "sam@x.io", "KLENTY_API_KEY": "k-123-secret"}


def secrets(folder, content):
    (folder / ".streamlit").mkdir(parents=True, exist_ok=True)
    (folder / ".streamlit" / "secrets.toml").write_text(content)


def test_the_working_folder_wins_over_the_home_folder(tmp_path, monkeypatch):
    work, home = tmp_path / "work", tmp_path / "home"
    secrets(work, 'KLENTY_USER = "work@x.io"\n')
    secrets(home, '[klenty]\nKLENTY_USER = "home@x.io"\nKLENTY_API_KEY = "of-home"\nKLENTY_WORKERS = 2\n')
    monkeypatch.chdir(work)
    monkeypatch.setattr(Path, "home", lambda: home)
    settings = load_settings({})
    assert (settings.user, settings.api_key, settings.workers) == ("work@x.io", "of-home", 2)


def test_the_environment_of_the_process_is_read_when_none_is_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for name, value in PAIR.items():
        monkeypatch.setenv(name, f"  {value}\n")
    assert load_settings().credentials() == tuple(PAIR.values())


@pytest.mark.parametrize("content", ["KLENTY_USER = ", "\x00", "[klenty\n"])
def test_an_unreadable_file_is_named_without_its_content(tmp_path, content):
    (tmp_path / "s.toml").write_text(f'KLENTY_API_KEY = "k-123-secret"\n{content}')
    with pytest.raises(SettingsError) as caught:
        load_settings({}, [tmp_path / "s.toml"])
    assert "s.toml" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_file_that_is_no_text_or_no_file_is_named(tmp_path):
    (tmp_path / "latin.toml").write_bytes(b'KLENTY_USER = "\xe9"')
    for path in (tmp_path / "latin.toml", tmp_path):
        with pytest.raises(SettingsError, match=path.name):
            load_settings({}, [path])


@pytest.mark.parametrize("workers", ["1", "16", "64", " 8 "])
def test_workers_in_range(workers):
    assert load_settings({"KLENTY_WORKERS": workers}, []).workers == int(workers)


@pytest.mark.parametrize("workers", ["0", "-1", "65", "1.5", "1e1", "²", "true"])
def test_workers_out_of_range(workers):
    with pytest.raises(SettingsError, match="KLENTY_WORKERS"):
        load_settings({"KLENTY_WORKERS": workers}, [])


@pytest.mark.parametrize(
    "url", ["http://localhost:8600", "http://[::1]:8600", "https://app.klenty.com", "https://proxy.example/klenty/"]
)
def test_addresses_that_can_be_right(url):
    assert load_settings(PAIR | {"KLENTY_BASE_URL": url}, []).base_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1.evil.example", "http://localhost.evil.example", "ftp://x.io", "https://", "https://x.io/?a=b",
     "https://x.io/#a", "javascript:alert(1)", "//x.io", "http://10.0.0.1"],
)  # fmt: skip
def test_addresses_that_would_leak_the_key_or_are_none(url):
    with pytest.raises(SettingsError, match="KLENTY_BASE_URL"):
        load_settings(PAIR | {"KLENTY_BASE_URL": url}, [])


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"])
def test_zones_that_exist(zone):
    assert load_settings({"KLENTY_TIMEZONE": zone}, []).timezone == zone


@pytest.mark.parametrize("zone", ["Europe", "CET+1", "/etc/passwd", "Europe/../Europe/Berlin", "Berlin", "\x00"])
def test_zones_that_do_not(zone):
    with pytest.raises(SettingsError, match="KLENTY_TIMEZONE"):
        load_settings({"KLENTY_TIMEZONE": zone}, [])


@pytest.mark.parametrize("broken", [b"\xff\xfe", b"", b"nonsense\n"])
def test_a_machine_whose_zone_cannot_be_named_is_in_utc(tmp_path, broken):
    (tmp_path / "timezone").write_bytes(broken)
    (tmp_path / "localtime").write_bytes(b"TZif")
    assert system_timezone({"TZ": ""}, tmp_path) == "UTC"


def test_the_key_is_not_in_what_is_shown_or_raised():
    settings = load_settings(PAIR, [])
    assert "secret" not in f"{settings!r} {settings!s} {[settings]} {settings.__class__}"
    assert pickle.loads(pickle.dumps(settings)) == settings
    with pytest.raises(SettingsError) as caught:
        Settings("sam@x.io", None).credentials()
    assert "KLENTY_API_KEY" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("KLENTY_PUBLIC_URL", "https://dash.example.com/", "https://dash.example.com"),
        ("KLENTY_PUBLIC_URL", "http://127.0.0.1:8501", "http://127.0.0.1:8501"),
        ("KLENTY_WEBHOOK_SECRET", "a" * 24, "a" * 24),
        ("KLENTY_WEBHOOK_DAYS", "30", 30),
        ("KLENTY_LOG", "json", "json"),
    ],
)
def test_settings_of_webhooks_and_logs(name, value, found):
    settings = load_settings({name: value}, [])
    assert getattr(settings, name.removeprefix("KLENTY_").lower()) == found
    assert "a" * 24 not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KLENTY_PUBLIC_URL", "http://dash.example.com"),
        ("KLENTY_PUBLIC_URL", "dash.example.com"),
        ("KLENTY_PUBLIC_URL", "https://sam:pw@dash.example.com"),
        ("KLENTY_PUBLIC_URL", "https://dash.example.com:port"),
        ("KLENTY_WEBHOOK_SECRET", "short-secret"),
        ("KLENTY_WEBHOOK_SECRET", "with/a/slash/in/the/middle/of/it"),
        ("KLENTY_WEBHOOK_DAYS", "0"),
        ("KLENTY_WEBHOOK_DAYS", "soon"),
        ("KLENTY_LOG", "xml"),
    ],
)
def test_settings_of_webhooks_and_logs_that_cannot_be_right(name, value):
    with pytest.raises(SettingsError, match=name) as caught:
        load_settings({name: value}, [])
    if name == "KLENTY_WEBHOOK_SECRET":
        assert value not in str(caught.value)


def test_the_database_password_is_known_so_that_it_can_be_kept_out_of_logs():
    settings = load_settings({"KLENTY_DATABASE_URL": "postgresql://sam:s3cret%21@db/x"}, [])
    assert settings.database_password == "s3cret%21"
    assert "s3cret" not in repr(settings)
    assert load_settings({}, []).database_password is None
