"""Settings: from environment variables, else from `.streamlit/secrets.toml` of this folder or of the user."""

import contextlib
import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from klenty_api import ValidationError, encode

DEFAULT_BASE_URL = "https://api.klenty.com"
MOST_WORKERS = 64
ALLOW_ACTIONS = "KLENTY_ALLOW_ACTIONS"
SANDBOX = "KLENTY_SANDBOX"
Security = Literal["starttls", "tls", "none"]
_MAIL_PORTS: Mapping[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
_LOCAL = {"localhost", "127.0.0.1", "::1"}


class SettingsError(ValueError):
    """A setting cannot be right. The message names it and never holds its value when that is secret."""


@dataclass(frozen=True)
class NamedAccount:
    """One of several Klenty accounts, from the table `[accounts.NAME]`. `repr` does not show the key.

    `role` is the least role that sees it, `people` the addresses and domains it is limited to; empty: no limit.
    """

    name: str
    user: str
    api_key: str = field(repr=False)
    base_url: str = DEFAULT_BASE_URL
    role: str = ""
    people: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """What a person may set. `repr` does not show the key.

    `timezone` is where days begin and end; `workers` how many calls may be under way at once, and
    `calls_per_second` how many may begin (None: as Klenty lets them). `database_url` names the
    database (None: a file in the user's data folder) and may hold a password. An answer is never asked again when it
    came later than `settling_days` after the end of its window, any other one when it is older than `fresh_minutes`.
    Every `sync_minutes` (0: never) the dashboard fetches the latest days by itself. `public_url` is where
    others reach the dashboard, `webhook_secret` the last part of the address that Klenty's webhooks are sent to, and
    `webhook_days` how long personal data from them stays; `log` is the shape of the log. `accounts` are the
    named accounts beside the one of `user`; `ledger_days` says after how many days the ledger forgets (None: never),
    `allow_actions` whether people may act although the dashboard is open to others without sign-in, `sandbox` whether
    the sandbox is shown although there are accounts.
    """

    user: str | None
    api_key: str | None = field(repr=False)
    base_url: str = DEFAULT_BASE_URL
    timezone: str = "UTC"
    workers: int = 16
    calls_per_second: float | None = None
    database_url: str | None = field(default=None, repr=False)
    public_url: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)
    webhook_days: int = 90
    settling_days: int = 14
    fresh_minutes: int = 15
    sync_minutes: int = 0
    log: Literal["text", "json"] = "text"
    accounts: Mapping[str, NamedAccount] = field(default_factory=dict)
    ledger_days: int | None = None
    allow_actions: bool = False
    sandbox: bool = False

    @property
    def has_credentials(self) -> bool:
        """Whether there is a user and a key."""
        return bool(self.user and self.api_key)

    @property
    def database_password(self) -> str | None:
        """The password in the address of the database; None without one."""
        try:
            return urlsplit(self.database_url or "").password
        except ValueError:
            return None

    def credentials(self) -> tuple[str, str]:
        """User and key; raises `SettingsError` when they are not set."""
        if not self.user or not self.api_key:
            raise SettingsError("KLENTY_USER and KLENTY_API_KEY are not set. Set both, or try --sandbox.")
        return self.user, self.api_key

    @property
    def is_sandbox(self) -> bool:
        """Whether the sandbox is shown: because it is asked for, or because no account is configured."""
        return self.sandbox or not (self.has_credentials or self.accounts)

    @property
    def account_names(self) -> list[str]:
        """Names of the accounts, at least one: that of KLENTY_USER, and the sandbox, is “” and comes first."""
        if self.is_sandbox:
            return [""]
        return [*([""] if self.has_credentials else []), *self.accounts]

    def of_account(self, name: str | None) -> "Settings":
        """These settings with user, key and address of one account; no name stands for the first there is.

        Raises `SettingsError` for a name that is not configured.
        """
        names = self.account_names
        chosen = name or names[0]
        if chosen in self.accounts:
            account = self.accounts[chosen]
            return replace(self, user=account.user, api_key=account.api_key, base_url=account.base_url)
        if chosen and chosen not in names:
            known = ", ".join(name for name in names if name) or "none"
            raise SettingsError(f"There is no account of that name in the settings; named accounts: {known}.")
        return self


def load_settings(environ: Mapping[str, str] | None = None, secrets_files: Sequence[Path] | None = None) -> Settings:
    """The settings in force: a variable of the environment wins over the secrets files, the first file over the next.

    Raises `SettingsError` for half a pair of credentials, an unknown time zone, a base URL that would send the key
    unencrypted, or an unreadable secrets file.
    """
    environ = os.environ if environ is None else environ
    contents = _contents(secrets_files)
    value = _values(environ, contents)
    user, key = value("KLENTY_USER"), value("KLENTY_API_KEY")
    if bool(user) != bool(key):
        missing = "KLENTY_API_KEY" if user else "KLENTY_USER"
        raise SettingsError(f"{missing} is missing: user and key are needed together, or neither for the sandbox.")
    return Settings(
        user=_user(user),
        api_key=_key(key),
        base_url=_base_url(value("KLENTY_BASE_URL") or DEFAULT_BASE_URL),
        timezone=_timezone(value("KLENTY_TIMEZONE") or system_timezone(environ)),
        workers=_workers(value("KLENTY_WORKERS")),
        calls_per_second=_calls_per_second(value("KLENTY_CALLS_PER_SECOND")),
        database_url=value("KLENTY_DATABASE_URL"),
        public_url=_public_url(value("KLENTY_PUBLIC_URL")),
        webhook_secret=_webhook_secret(value("KLENTY_WEBHOOK_SECRET")),
        webhook_days=_webhook_days(value("KLENTY_WEBHOOK_DAYS")),
        settling_days=_whole("KLENTY_SETTLING_DAYS", value, Settings.settling_days, most=366),
        fresh_minutes=_whole("KLENTY_FRESH_MINUTES", value, Settings.fresh_minutes, most=1440),
        sync_minutes=_whole("KLENTY_SYNC_MINUTES", value, Settings.sync_minutes, most=10080),
        log=_log(value("KLENTY_LOG")),
        accounts=_accounts(_table("accounts", contents)),
        ledger_days=_ledger_days(value("KLENTY_LEDGER_DAYS")),
        allow_actions=_yes(ALLOW_ACTIONS, value),
        sandbox=_yes(SANDBOX, value),
    )


def _contents(secrets_files: Sequence[Path] | None) -> list[Mapping[str, object]]:
    return [_secrets(path) for path in (_secrets_files() if secrets_files is None else secrets_files)]


def _values(environ: Mapping[str, str] | None, contents: Sequence[Mapping[str, object]]) -> Callable[[str], str | None]:
    """A setting by name: from the environment, else from the first of the files that has it."""
    sources: list[Mapping[str, object]] = [os.environ if environ is None else environ, *contents]

    def value(name: str) -> str | None:
        found = next((source[name] for source in sources if str(source.get(name) or "").strip()), None)
        return None if found is None else str(found).strip()

    return value


@dataclass(frozen=True)
class MailServer:
    """Where reports are handed in as mail. `repr` does not show the password.

    `security` is *starttls*, *tls*, or *none*, which only this machine's own server may have. Without a `user`
    nobody signs in.
    """

    host: str
    port: int
    sender: str
    security: Security = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def load_mail_server(
    environ: Mapping[str, str] | None = None, secrets_files: Sequence[Path] | None = None
) -> MailServer:
    """The mail server of the settings KLENTY_SMTP_HOST, _PORT, _USER, _PASSWORD, _FROM and _SECURITY.

    Raises `SettingsError` when there is none, half a pair of credentials, or one that would send the password or the
    report unencrypted to another machine.
    """
    value = _values(environ, _contents(secrets_files))
    host, sender = value("KLENTY_SMTP_HOST"), value("KLENTY_SMTP_FROM")
    if host is None or sender is None:
        raise SettingsError("KLENTY_SMTP_HOST and KLENTY_SMTP_FROM are needed to send mail.")
    if not re.fullmatch(r"[A-Za-z0-9.:_-]+", host):
        raise SettingsError("KLENTY_SMTP_HOST must be the name of a server, like smtp.example.com.")
    user, password = value("KLENTY_SMTP_USER"), value("KLENTY_SMTP_PASSWORD")
    if bool(user) != bool(password):
        raise SettingsError("KLENTY_SMTP_USER and KLENTY_SMTP_PASSWORD are needed together, or neither.")
    security = _security(value("KLENTY_SMTP_SECURITY"), host)
    port = _whole("KLENTY_SMTP_PORT", value, _MAIL_PORTS[security], most=65535)
    if not port:
        raise SettingsError("KLENTY_SMTP_PORT must be a whole number from 1 to 65535.")
    return MailServer(host, port, _sender(sender), security, user, password)


def _security(value: str | None, host: str) -> Security:
    if value not in {None, "starttls", "tls", "none"}:
        raise SettingsError("KLENTY_SMTP_SECURITY must be starttls, tls or none.")
    if value == "none" and host not in _LOCAL:
        raise SettingsError("KLENTY_SMTP_SECURITY may be none only for a mail server on this machine.")
    return value or "starttls"  # type: ignore[return-value]  # one of the three


def _sender(value: str) -> str:
    try:
        return encode.email(value)
    except ValidationError:
        raise SettingsError("KLENTY_SMTP_FROM must be an email address.") from None


def load_table(name: str, secrets_files: Sequence[Path] | None = None) -> Mapping[str, object]:
    """The table `[name]` of the first secrets file that has it; empty when none has.

    Read anew on every call, which takes a fraction of a millisecond. Raises `SettingsError` for an unreadable file.
    """
    return _table(name, _contents(secrets_files))


def _table(name: str, contents: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
    found = next((content[name] for content in contents if name in content), {})
    if not isinstance(found, dict):
        raise SettingsError(f"[{name}] in secrets.toml must be a table.")
    return found


def _secrets_files() -> list[Path]:
    folders = [Path.cwd()]
    with contextlib.suppress(RuntimeError):  # in a container the user may have no home
        folders.append(Path.home())
    return [folder / ".streamlit" / "secrets.toml" for folder in folders]


def _secrets(path: Path) -> Mapping[str, object]:
    """Settings of one file, at its top level or under [klenty]."""
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read ({type(error).__name__}).") from None
    section = content.get("klenty")
    return content | section if isinstance(section, dict) else content


def _user(value: str | None) -> str | None:
    try:
        return None if value is None else encode.email(value)
    except ValidationError:
        raise SettingsError("KLENTY_USER must be the email address of a user of the Klenty account.") from None


def _key(value: str | None) -> str | None:
    if value is not None and not (value.isascii() and value.isprintable()):
        raise SettingsError("KLENTY_API_KEY holds characters that no key has; copy it again from Klenty.")
    return value


def _base_url(value: str) -> str:
    wrong = SettingsError("KLENTY_BASE_URL must look like https://api.klenty.com.")
    try:
        parts = urlsplit(value)
        _ = parts.port  # reading it checks it
    except ValueError:
        raise wrong from None
    more = parts.username or parts.query or parts.fragment or re.search(r"\s", value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or more:
        raise wrong
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise SettingsError("KLENTY_BASE_URL must begin with https: the key would travel unencrypted.")
    return value.rstrip("/")


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingsError(f"KLENTY_TIMEZONE: {name!r} is no time zone; one looks like Europe/Berlin.") from None
    return name


def _workers(value: str | None) -> int:
    if value is None:
        return Settings.workers
    if not re.fullmatch("[0-9]{1,4}", value) or not 1 <= int(value) <= MOST_WORKERS:
        raise SettingsError(f"KLENTY_WORKERS must be a whole number from 1 to {MOST_WORKERS}.")
    return int(value)


def _calls_per_second(value: str | None) -> float | None:
    if value is None:
        return None
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4})?", value) or float(value) <= 0:
        raise SettingsError("KLENTY_CALLS_PER_SECOND must be a number above 0, like 5 or 0.5.")
    return float(value)


def _whole(name: str, value: Callable[[str], str | None], default: int, *, most: int) -> int:
    text = value(name)
    if text is None:
        return default
    if not re.fullmatch("[0-9]{1,6}", text) or int(text) > most:
        raise SettingsError(f"{name} must be a whole number from 0 to {most}.")
    return int(text)


def public_url_problem(text: str) -> str | None:
    """Why Klenty could not, or should not, send webhooks to an address below `text`; None when it may."""
    example = "This is not a web address. Example: https://dashboard.example.com"
    try:
        parts = urlsplit(text)
        _ = parts.port  # reading it checks it
    except ValueError:
        return example
    more = parts.username or parts.query or parts.fragment or re.search(r"\s", text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or more:
        return example
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        return "It must begin with https: prospects' data and the secret would travel unencrypted."
    return None


def _public_url(value: str | None) -> str | None:
    if value is None:
        return None
    if problem := public_url_problem(value):
        raise SettingsError(f"KLENTY_PUBLIC_URL: {problem}")
    return value.rstrip("/")


def _webhook_secret(value: str | None) -> str | None:
    if value is not None and not re.fullmatch("[A-Za-z0-9_.~-]{24,200}", value):
        raise SettingsError("KLENTY_WEBHOOK_SECRET must be 24 to 200 letters, digits or any of - _ . ~")
    return value


def _log(value: str | None) -> Literal["text", "json"]:
    if value not in {None, "text", "json"}:
        raise SettingsError("KLENTY_LOG must be text or json.")
    return "json" if value == "json" else "text"


def _webhook_days(value: str | None) -> int:
    if value is None:
        return Settings.webhook_days
    if not re.fullmatch("[0-9]{1,4}", value) or int(value) < 1:
        raise SettingsError("KLENTY_WEBHOOK_DAYS must be a whole number of days, 1 to 9999.")
    return int(value)


def _ledger_days(value: str | None) -> int | None:
    if value is None:
        return None
    if not re.fullmatch("[0-9]{1,5}", value) or int(value) < 1:
        raise SettingsError("KLENTY_LEDGER_DAYS must be a whole number of days, 1 or more.")
    return int(value)


def _yes(name: str, value: Callable[[str], str | None]) -> bool:
    word = (value(name) or "0").lower()
    if word not in {"0", "1", "false", "true", "no", "yes"}:
        raise SettingsError(f"{name} must be 1 or 0.")
    return word in {"1", "true", "yes"}


def _accounts(table: Mapping[str, object]) -> Mapping[str, NamedAccount]:
    return {name: _account(name, content) for name, content in table.items()}


def _account(name: str, content: object) -> NamedAccount:
    place = f"[accounts.{name}] in secrets.toml"
    if not isinstance(content, dict):
        raise SettingsError(f"{place} must be a table with user and api_key.")
    user, key = str(content.get("user") or "").strip(), str(content.get("api_key") or "").strip()
    if not name.strip() or not user or not key:
        raise SettingsError(f"{place} needs a user and an api_key.")
    try:
        return NamedAccount(
            name,
            _user(user) or "",
            _key(key) or "",
            _base_url(str(content.get("base_url") or DEFAULT_BASE_URL).strip()),
            role=str(content.get("role") or ""),
            people=texts(content.get("people"), f"people of {place}"),
        )
    except SettingsError as wrong:
        raise SettingsError(f"{place}: {wrong}") from None


def texts(value: object, what: str) -> tuple[str, ...]:
    """A list of texts, or one text with commas in it; raises `SettingsError` naming `what` for anything else."""
    parts = value.split(",") if isinstance(value, str) else [] if value is None else value
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise SettingsError(f"{what} must be a list of texts.")
    return tuple(part.strip() for part in parts if part.strip())


def system_timezone(environ: Mapping[str, str], root: Path = Path("/etc")) -> str:
    """This machine's zone by name, “UTC” when it has none that can be named."""
    candidates = [environ.get("TZ", "").lstrip(":")]
    with contextlib.suppress(OSError, UnicodeDecodeError):
        candidates.append((root / "timezone").read_text("utf-8").strip())
    link = root / "localtime"
    if link.is_symlink():
        candidates.append(str(link.resolve()).partition("zoneinfo/")[2])
    return next((name for name in candidates if name and _is_zone(name)), "UTC")


def _is_zone(name: str) -> bool:
    try:
        _timezone(name)
    except SettingsError:
        return False
    return True
