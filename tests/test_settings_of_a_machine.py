"""Settings as machines and editors really give them: marks, misplaced lines, zones as rules, folders that are gone."""

import os

import pytest

from dashboard.settings import SettingsError, load_settings, system_timezone

PAIR = 'KLENTY_USER = "sam@x.io"\nKLENTY_API_KEY = "s3cret-4711"\n'


@pytest.fixture
def load(tmp_path):
    """`load(content)`: the settings of a secrets file with these bytes."""

    def read(content: bytes, **environ):
        (tmp_path / "secrets.toml").write_bytes(content)
        return load_settings({"KLENTY_TIMEZONE": "UTC", **environ}, [tmp_path / "secrets.toml"])

    return read


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_a_file_is_read_with_and_without_a_byte_order_mark(load, mark, ending):
    assert load(mark + PAIR.encode().replace(b"\n", ending)).credentials() == ("sam@x.io", "s3cret-4711")


def test_a_mark_in_front_of_what_streamlit_itself_must_read_is_said(load):
    with pytest.raises(SettingsError, match="begins with a byte order mark"):
        load(b"\xef\xbb\xbf" + PAIR.encode() + b"[auth]\nclient_id = 'x'\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"{PAIR}KLENTY_WORKERS = 8x\n".encode(), "line 3, column 19"),
        (b'\n\nKLENTY_API_KEY = "s3cret-4711\n', "line 3, column"),
        (b"KLENTY_API_KEY = s3cret-4711\n", "line 1, column 18"),
        (b'[accounts.emea\nuser = "s3cret-4711"', "line 1, column 15"),
        (b'KLENTY_API_KEY = """s3cret-4711', "end of document"),
        (PAIR.encode("utf-16"), "UTF-8"),
        (b'KLENTY_API_KEY = "s3cret-4711 \xfc"', "UTF-8"),
    ],
)
def test_a_mistake_is_named_by_its_place_and_no_value_is_shown(load, content, said):
    with pytest.raises(SettingsError) as caught:
        load(content)
    assert said in str(caught.value)
    assert "secrets.toml" in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("table", ["auth", "auth.google", "accounts.emea", "roles", "server"])
def test_a_setting_below_a_table_is_named(load, table):
    with pytest.raises(SettingsError, match=rf"KLENTY_API_KEY is in the table \[{table}\]") as caught:
        load(f'KLENTY_USER = "sam@x.io"\n[{table}]\nKLENTY_API_KEY = "s3cret-4711"\n'.encode())
    assert "s3cret" not in str(caught.value)


def test_settings_may_have_a_table_of_their_own(load):
    assert load(f"[klenty]\n{PAIR}[auth]\nclient_id = 'x'\n".encode()).user == "sam@x.io"


@pytest.mark.parametrize(
    ("rule", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (":America/New_York", "America/New_York"),
        ("/usr/share/zoneinfo/Asia/Kolkata", "Asia/Kolkata"),
        (":/usr/share/zoneinfo/Asia/Kolkata", "Asia/Kolkata"),
        ("EST5EDT", "EST5EDT"),
        ("UTC0", "UTC"),
        ("UTC", "UTC"),
        ("EST5", "Etc/GMT+5"),
        ("<+03>-3", "Etc/GMT-3"),
        ("JST-9:00", "Etc/GMT-9"),
    ],
)
def test_tz_is_understood_as_a_name_a_path_or_a_fixed_offset(rule, zone, tmp_path):
    assert system_timezone({"TZ": rule}, tmp_path) == zone


@pytest.mark.parametrize("rule", ["CET-1CEST,M3.5.0,M10.5.0/3", "<+0530>-5:30", "/nowhere/at/all", "Mars/Base", "X-25"])
def test_a_tz_that_names_no_zone_is_said_unless_a_zone_is_set(rule, tmp_path):
    with pytest.raises(SettingsError, match=r"TZ is .* Set KLENTY_TIMEZONE"):
        load_settings({"TZ": rule}, [])
    assert load_settings({"TZ": rule, "KLENTY_TIMEZONE": "Asia/Kolkata"}, []).timezone == "Asia/Kolkata"


def test_a_folder_that_is_gone_and_no_home_are_no_error(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 54321)  # of whom no file knows a home
    assert not load_settings({"KLENTY_TIMEZONE": "UTC"}).has_credentials
