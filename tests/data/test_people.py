"""Who a person is and what they may do: by address before domain, never by more than the settings say."""

import pytest

from dashboard.data.roles import Person, Role, accounts_of, identify, load_role_rules, role_now
from dashboard.settings import SettingsError, load_settings

TABLE = """
[roles]
admin = ["ann@corp.com"]
operator = ["@sales.corp.com", "vic@corp.com"]
viewer = ["@corp.com"]
none = ["gone@corp.com"]
"""


@pytest.fixture
def secrets(tmp_path, monkeypatch):
    """Writes the secrets file of this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".streamlit").mkdir()

    def write(text):
        path = tmp_path / ".streamlit" / "secrets.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("email", "role"),
    [
        ("ann@corp.com", Role.ADMIN),
        (" Ann@Corp.COM ", Role.ADMIN),
        ("vic@corp.com", Role.OPERATOR),  # the address counts before the domain
        ("bob@corp.com", Role.VIEWER),
        ("bob@sales.corp.com", Role.OPERATOR),
        ("bob@other.corp.com", None),  # a subdomain is a domain of its own
        ("bob@evilcorp.com", None),
        ("gone@corp.com", None),
        ("ann@corp.com.evil.org", None),
        ("ann@corp.com@evil.org", None),
        ("ann@CORP.COM\u200b", None),
        ("\u212aann@corp.com", Role.VIEWER),  # the Kelvin sign is no k: not Kann's role
        ("@corp.com", None),
        ("", None),
        ("corp.com", None),
    ],
)
def test_the_most_specific_rule_wins(secrets, email, role):
    rules = load_role_rules({}, [secrets(TABLE)])
    assert rules.role_of(email) is role
    assert identify({"email": email}, rules).role is role


def test_signs_that_would_become_ascii_letters_do_not(secrets):
    rules = load_role_rules({}, [secrets('[roles]\nadmin = ["kim@corp.com"]\n')])
    assert "\u212aim@corp.com".lower() == "kim@corp.com"
    assert rules.role_of("\u212aim@corp.com") is None


@pytest.mark.parametrize(
    ("claim", "role"),
    [({}, Role.ADMIN), ({"email_verified": True}, Role.ADMIN), ({"email_verified": "true"}, Role.ADMIN)]
    + [({"email_verified": wrong}, None) for wrong in (False, "false", None, 0, "no", [])],
)
def test_an_address_that_the_provider_does_not_vouch_for_gives_no_role(secrets, claim, role):
    rules = load_role_rules({}, [secrets(TABLE)])
    assert identify({"email": "ann@corp.com"} | claim, rules).role is role


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('boss = ["ann@corp.com"]', "boss"),
        ('admin = ["ann@corp.com"]\nviewer = ["ANN@corp.com"]', "more than once"),
        ('admin = ["corp.com"]', "neither an address"),
        ('admin = ["@corp"]', "neither an address"),
        ('admin = ["@*.corp.com"]', "neither an address"),
        ('admin = ["a@b c.com"]', "neither an address"),
        ("admin = 3", "list of texts"),
        ("admin = [3]", "list of texts"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(secrets, table, said):
    with pytest.raises(SettingsError, match=said):
        load_role_rules({}, [secrets(f"[roles]\n{table}\n")])


def test_the_environment_replaces_the_list_of_a_role(secrets):
    path = secrets(TABLE)
    rules = load_role_rules({"KLENTY_ROLES_ADMIN": "zoe@corp.com, @ops.corp.com"}, [path])
    assert rules.role_of("zoe@corp.com") is Role.ADMIN
    assert rules.role_of("x@ops.corp.com") is Role.ADMIN
    assert rules.role_of("ann@corp.com") is Role.VIEWER
    assert load_role_rules({"KLENTY_ROLES_VIEWER": ""}, [path]).role_of("bob@corp.com") is None


def test_the_role_is_the_one_of_this_moment_and_never_more_than_before(secrets):
    secrets(TABLE)
    ann, vic = Person("ann@corp.com", Role.ADMIN), Person("vic@corp.com", Role.OPERATOR)
    assert (role_now(ann), role_now(vic)) == (Role.ADMIN, Role.OPERATOR)
    secrets('[roles]\nadmin = ["vic@corp.com"]\nviewer = ["@corp.com"]\n')
    assert (role_now(ann), role_now(vic)) == (Role.VIEWER, Role.OPERATOR)
    secrets("")
    assert (role_now(ann), role_now(vic)) == (None, None)
    secrets("[roles")
    with pytest.raises(SettingsError):
        role_now(ann)


ACCOUNTS = """
KLENTY_USER = "main@corp.com"
KLENTY_API_KEY = "key-main"
[accounts.emea]
user = "emea@corp.com"
api_key = "key-emea"
base_url = "https://app.klenty.com/"
people = ["@emea.corp.com", "ann@corp.com"]
[accounts.board]
user = "board@corp.com"
api_key = "key-board"
role = "admin"
"""


def test_an_account_is_seen_by_its_roles_and_people(secrets):
    settings = load_settings({"TZ": "UTC"}, [secrets(ACCOUNTS)])
    assert settings.account_names == ["", "emea", "board"]

    def seen(email, role, **more):
        return accounts_of(Person(email, role, **more), settings)

    assert seen("bob@corp.com", Role.VIEWER) == [""]
    assert seen("bob@emea.corp.com", Role.OPERATOR) == ["", "emea"]
    assert seen("ann@corp.com", Role.ADMIN) == ["", "emea", "board"]
    assert seen("zoe@corp.com", Role.ADMIN) == ["", "board"]
    assert seen("ann@corp.com", None) == []
    assert seen("", Role.ADMIN, signed_in=False) == ["", "emea", "board"]
    assert seen("", Role.VIEWER, signed_in=False) == ["", "emea"]


def test_settings_of_one_account(secrets):
    settings = load_settings({"TZ": "UTC"}, [secrets(ACCOUNTS)])
    assert settings.of_account(None).credentials() == ("main@corp.com", "key-main")
    emea = settings.of_account("emea")
    assert (emea.credentials(), emea.base_url) == (("emea@corp.com", "key-emea"), "https://app.klenty.com")
    with pytest.raises(SettingsError, match="emea, board"):
        settings.of_account("apac")
    assert "key-" not in repr(settings)
    only_named = load_settings({"TZ": "UTC"}, [secrets(ACCOUNTS[ACCOUNTS.index("[accounts.board]") :])])
    assert only_named.of_account("").credentials() == ("board@corp.com", "key-board")


@pytest.mark.parametrize(
    "table",
    [
        "[accounts]\nemea = 3",
        '[accounts.emea]\nuser = "emea@corp.com"',
        '[accounts.emea]\nuser = "nobody"\napi_key = "s3cret"',
        '[accounts.emea]\nuser = "emea@corp.com"\napi_key = "s3cret"\nbase_url = "http://evil.org"',
        '[accounts.emea]\nuser = "emea@corp.com"\napi_key = "s3cret"\npeople = 3',
        "accounts = 3",
    ],
)
def test_an_account_that_is_none_is_named_without_its_key(secrets, table):
    with pytest.raises(SettingsError, match="accounts") as caught:
        load_settings({"TZ": "UTC"}, [secrets(table)])
    assert "s3cret" not in str(caught.value)


def test_an_unknown_role_of_an_account_closes_it_for_all(secrets):
    settings = load_settings({"TZ": "UTC"}, [secrets(ACCOUNTS.replace('"admin"', '"boss"'))])
    with pytest.raises(SettingsError, match="board"):
        accounts_of(Person("ann@corp.com", Role.ADMIN), settings)
