"""Settings: where they come from, and what is said when they cannot be right."""

import pytest

from dashboard.settings import Settings, SettingsError, load_settings, system_timezone

SECRET = "k-123-secret"
PAIR = {"KLENTY_USER": "sam@x.io", "KLENTY_API_KEY": SECRET}


def test_without_anything_there_are_no_credentials():
    settings = load_settings({"TZ": "Europe/Berlin"}, [])
    assert not settings.has_credentials
    assert (settings.base_url, settings.timezone, settings.workers) == ("https://api.klenty.com", "Europe/Berlin", 16)


def test_the_environment_wins_over_files_and_the_first_file_over_the_next(tmp_path):
    first, second = tmp_path / "a.toml", tmp_path / "b.toml"
    first.write_text('KLENTY_USER = "file@x.io"\nKLENTY_API_KEY = "from-file"\n')
    second.write_text('KLENTY_WORKERS = 3\n[klenty]\nKLENTY_TIMEZONE = "Asia/Kolkata"\nKLENTY_USER = "no@x.io"\n')
    settings = load_settings({"KLENTY_USER": "env@x.io"}, [first, second, tmp_path / "missing.toml"])
    assert (settings.user, settings.api_key) == ("env@x.io", "from-file")
    assert (settings.workers, settings.timezone) == (3, "Asia/Kolkata")


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"KLENTY_API_KEY": ""}, "KLENTY_API_KEY"),
        ({"KLENTY_USER": " "}, "KLENTY_USER"),
        ({"KLENTY_TIMEZONE": "Mars/Olympus"}, "KLENTY_TIMEZONE"),
        ({"KLENTY_TIMEZONE": "../../etc/passwd"}, "KLENTY_TIMEZONE"),
        ({"KLENTY_BASE_URL": "http://api.klenty.com"}, "KLENTY_BASE_URL"),
        ({"KLENTY_BASE_URL": "api.klenty.com"}, "KLENTY_BASE_URL"),
        ({"KLENTY_BASE_URL": f"https://{SECRET}@api.klenty.com"}, "KLENTY_BASE_URL"),
        ({"KLENTY_WORKERS": "0"}, "KLENTY_WORKERS"),
        ({"KLENTY_WORKERS": "many"}, "KLENTY_WORKERS"),
        *(
            ({"KLENTY_CALLS_PER_SECOND": wrong}, "KLENTY_CALLS_PER_SECOND")
            for wrong in ("0", "0.0", "-1", "nan", "inf", "1e3", "fast", "5,5", "99999")
        ),
        ({"KLENTY_SETTLING_DAYS": "-1"}, "KLENTY_SETTLING_DAYS"),
        ({"KLENTY_FRESH_MINUTES": "1441"}, "KLENTY_FRESH_MINUTES"),
        ({"KLENTY_SYNC_MINUTES": "0.5"}, "KLENTY_SYNC_MINUTES"),
    ],
)
def test_a_wrong_setting_is_named_and_its_secret_is_not(more, named):
    with pytest.raises(SettingsError) as caught:
        load_settings(PAIR | more, [])
    assert named in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(("text", "number"), [("5", 5.0), ("0.5", 0.5), (" 20 ", 20.0)])
def test_calls_per_second_may_be_a_fraction(text, number):
    assert load_settings(PAIR | {"KLENTY_CALLS_PER_SECOND": text}, []).calls_per_second == number
    assert load_settings(PAIR, []).calls_per_second is None


def test_times_of_the_history_are_settings_and_the_database_is_not_shown():
    settings = load_settings({}, [])
    assert (settings.settling_days, settings.fresh_minutes, settings.sync_minutes) == (14, 15, 0)
    url = f"postgresql://sam:{SECRET}@db.x.io/history"
    more = {"KLENTY_SETTLING_DAYS": "30", "KLENTY_FRESH_MINUTES": "0", "KLENTY_SYNC_MINUTES": "60"}
    settings = load_settings(PAIR | more | {"KLENTY_DATABASE_URL": url}, [])
    assert (settings.settling_days, settings.fresh_minutes, settings.sync_minutes) == (30, 0, 60)
    assert settings.database_url == url
    assert SECRET not in repr(settings)


def test_http_is_allowed_to_this_machine():
    assert load_settings(PAIR | {"KLENTY_BASE_URL": "http://127.0.0.1:8600/"}, []).base_url == "http://127.0.0.1:8600"


def test_a_broken_secrets_file_is_named(tmp_path):
    broken = tmp_path / "secrets.toml"
    broken.write_text(f'KLENTY_API_KEY = "{SECRET}')
    with pytest.raises(SettingsError) as caught:
        load_settings({}, [broken])
    assert str(broken) in str(caught.value)
    assert SECRET not in str(caught.value)


def test_the_key_is_in_no_repr():
    settings = Settings("sam@x.io", SECRET)
    assert SECRET not in repr(settings)
    assert settings.credentials() == ("sam@x.io", SECRET)
    with pytest.raises(SettingsError):
        Settings(None, None).credentials()


def test_the_zone_of_the_machine(tmp_path):
    assert system_timezone({"TZ": ":Asia/Tokyo"}, tmp_path) == "Asia/Tokyo"
    assert system_timezone({}, tmp_path) == "UTC"
    (tmp_path / "localtime").symlink_to("/usr/share/zoneinfo/America/New_York")
    assert system_timezone({}, tmp_path) == "America/New_York"
    (tmp_path / "timezone").write_text("Europe/Paris\n")
    assert system_timezone({"TZ": ""}, tmp_path) == "Europe/Paris"
