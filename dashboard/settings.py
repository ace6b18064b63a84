"""Settings: from environment variables, else from `.streamlit/secrets.toml` of this folder or of the user.

The fields of `Settings` and `MailServer` are the whole list; docs/settings.md is made from them
(`python -m dashboard.settings`).
"""

import codecs
import contextlib
import os
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import idna

from klenty_api import ValidationError, encode

DEFAULT_BASE_URL: Final = "https://api.klenty.com"
ALLOW_ACTIONS: Final = "KLENTY_ALLOW_ACTIONS"
SANDBOX: Final = "KLENTY_SANDBOX"
Security = Literal["starttls", "tls", "none"]
_MAIL_PORTS: Final[Mapping[Security, int]] = {"starttls": 587, "tls": 465, "none": 25}
_LOCAL: Final = {"localhost", "127.0.0.1", "::1"}
_ZONE_HINT: Final = "one looks like Europe/Berlin"


class SettingsError(ValueError):
    """A setting cannot be right. The message names it and never holds its value when that is secret."""


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch("[0-9]{1,6}", text) or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}.")
        return int(text)

    return parse


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"must be {', '.join(words[:-1])} or {words[-1]}.")
        return text

    return parse


def _yes(text: str) -> bool:
    if text.lower() not in {"0", "1", "false", "true", "no", "yes"}:
        raise ValueError("must be 1 or 0.")
    return text.lower() in {"1", "true", "yes"}


def _user(text: str) -> str:
    try:
        return encode.email(text)
    except ValidationError:
        raise ValueError("must be the email address of a user of the Klenty account.") from None


def _key(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise ValueError("holds characters that no key has; copy it again from Klenty.")
    return text


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port  # reading it checks it
    except ValueError:
        return False
    more = parts.username or parts.query or parts.fragment or re.search(r"\s", text)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not more


def _is_unencrypted(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme == "http" and parts.hostname not in _LOCAL


def _base_url(text: str) -> str:
    if not _is_web_address(text):
        raise ValueError(f"must look like {DEFAULT_BASE_URL}.")
    if _is_unencrypted(text):
        raise ValueError("must begin with https: the key would travel unencrypted.")
    return text.rstrip("/")


def public_url_problem(text: str) -> str | None:
    """Return why Klenty could not, or should not, send webhooks to an address below `text`; None when it may."""
    if not _is_web_address(text):
        return "This is not a web address. Example: https://dashboard.example.com"
    if _is_unencrypted(text):
        return "It must begin with https: prospects' data and the secret would travel unencrypted."
    return None


def _public_url(text: str) -> str:
    if problem := public_url_problem(text):
        raise ValueError(problem)
    return text.rstrip("/")


def _webhook_secret(text: str) -> str:
    if not re.fullmatch("[A-Za-z0-9_.~-]{24,200}", text):
        raise ValueError("must be 24 to 200 letters, digits or any of - _ . ~")
    return text


def _rate(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4})?", text) or float(text) <= 0:
        raise ValueError("must be a number above 0, like 5 or 0.5.")
    return float(text)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; {_ZONE_HINT}.") from None
    return name


def _host(text: str) -> str:
    try:
        name = _ascii_host(text)
    except ValueError:
        name = ""
    if not re.fullmatch(r"[A-Za-z0-9.:_-]+", name):
        raise ValueError("must be the name of a server, like smtp.example.com.")
    return name


def _ascii_host(name: str) -> str:
    """Return a host name as name servers know it: münchen.de is xn--mnchen-3ya.de."""
    try:
        return name if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        raise ValueError("its server has a name that cannot exist") from None


def mail_address(text: str) -> str:
    """Return an email address with its server's name in ASCII. Raises ValueError saying what is wrong."""
    try:
        name, _, domain = encode.email(text).rpartition("@")
    except ValidationError:
        raise ValueError("this is no email address") from None
    return f"{name}@{_ascii_host(domain)}"


def _sender(text: str) -> str:
    try:
        address = mail_address(text)
    except ValueError:
        address = ""
    if not address.isascii() or not address:
        raise ValueError("must be an email address, without letters like ü in front of the @.")
    return address


def _ascii(text: str) -> str:
    if not text.isascii():
        raise ValueError("holds characters outside ASCII, which signing in to a mail server cannot send.")
    return text


_security = _one_of(*_MAIL_PORTS)


def _setting(parse: Callable[[str], Any], about: str, default: Any = None, *, secret: bool = False) -> Any:
    """Return a field read from the variable of its name: `parse` raises ValueError saying what the text must be."""
    return field(default=default, repr=not secret, metadata={"parse": parse, "about": about})


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
    """What a person may set, each as KLENTY_ and its name; and the named accounts."""

    user: str | None = _setting(_user, "Email address of a user of the account; it is part of every API address.")
    api_key: str | None = _setting(_key, "The account's key: Klenty, Settings, Integrations, API. Secret.", secret=True)
    base_url: str = _setting(_base_url, "Address of the API.", DEFAULT_BASE_URL)
    sandbox: bool = _setting(_yes, "1 shows the local sandbox although accounts are configured.", default=False)
    timezone: str = _setting(_zone, "Where days begin and end; by default this machine's zone.", "UTC")
    workers: int = _setting(_whole(1, 64), "Calls to Klenty under way at once, at most.", 16)
    calls_per_second: float | None = _setting(
        _rate, "Calls begun in a second, at most; by default as many as Klenty accepts."
    )
    database_url: str | None = _setting(
        str,
        "`sqlite:///…` or `postgresql://…`; by default a file in the user's data folder. May hold a password.",
        secret=True,
    )
    fresh_minutes: int = _setting(
        _whole(0, 1440), "How long an answer of an unfinished window is shown without asking again.", 15
    )
    settling_days: int = _setting(_whole(0, 366), "How many days after its end a window is taken to be final.", 14)
    sync_minutes: int = _setting(_whole(0, 10080), "How often to fetch the latest days unasked; 0: never.", 0)
    public_url: str | None = _setting(_public_url, "Where others, and Klenty's webhooks, reach the dashboard.")
    webhook_secret: str | None = _setting(
        _webhook_secret,
        "Last part of the address that webhooks are sent to, 24 or more characters; by default made once. Secret.",
        secret=True,
    )
    webhook_days: int = _setting(_whole(1, 9999), "How many days personal data from webhooks stays.", 90)
    ledger_days: int | None = _setting(
        _whole(1, 99999), "After how many days the action log forgets; by default never."
    )
    log: Literal["text", "json"] = _setting(
        _one_of("text", "json"), "Shape of the log; json: one object a line.", "text"
    )
    allow_actions: bool = _setting(
        _yes, "1 lets everyone who reaches the dashboard act, without sign-in. Rather not.", default=False
    )
    accounts: Mapping[str, NamedAccount] = field(default_factory=dict)

    @property
    def has_credentials(self) -> bool:
        """Whether there is a user and a key."""
        return bool(self.user and self.api_key)

    @property
    def database_password(self) -> str | None:
        """The password in the address of the database, or None."""
        try:
            return urlsplit(self.database_url or "").password
        except ValueError:
            return None

    @property
    def is_sandbox(self) -> bool:
        """Whether the sandbox is shown: because it is asked for, or because no account is configured."""
        return self.sandbox or not (self.has_credentials or self.accounts)

    @property
    def account_names(self) -> list[str]:
        """Names of the accounts, at least one: that of KLENTY_USER, and the sandbox, is "" and comes first."""
        if self.is_sandbox:
            return [""]
        return [*([""] if self.has_credentials else []), *self.accounts]

    def credentials(self) -> tuple[str, str]:
        """Return user and key. Raises `SettingsError` when they are not set."""
        if not self.user or not self.api_key:
            raise SettingsError("KLENTY_USER and KLENTY_API_KEY are not set. Set both, or try --sandbox.")
        return self.user, self.api_key

    def of_account(self, name: str | None) -> "Settings":
        """Return these settings with user, key and address of an account; without a name, of the first.

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


@dataclass(frozen=True)
class MailServer:
    """Where reports are handed in as mail, each as KLENTY_SMTP_ and its name."""

    host: str = _setting(_host, "The mail server that reports are handed to.")
    port: int = _setting(_whole(1, 65535), "Its port; by default 587, 465 or 25, as the security needs.")
    sender: str = _setting(_sender, "The address that reports come from.")
    security: Literal["starttls", "tls", "none"] = _setting(
        _security, "starttls, tls, or none, which only this machine's own mail server may have.", "starttls"
    )
    user: str | None = _setting(_ascii, "Name to sign in with; by default nobody signs in.")
    password: str | None = _setting(_ascii, "Its password. Secret.", secret=True)


def load_settings(environ: Mapping[str, str] | None = None, secrets_files: Sequence[Path] | None = None) -> Settings:
    """Return the settings in force: an environment variable wins over the files, the first file over the next.

    Raises `SettingsError` for a value that cannot be right, half a pair of credentials, or an unreadable file.
    """
    environ = os.environ if environ is None else environ
    contents = _contents(secrets_files)
    values = _values(Settings, environ, contents)
    if ("user" in values) != ("api_key" in values):
        missing = "KLENTY_API_KEY" if "user" in values else "KLENTY_USER"
        raise SettingsError(f"{missing} is missing: user and key are needed together, or neither for the sandbox.")
    if "timezone" not in values:
        values["timezone"] = system_timezone(environ)
    accounts = {name: _account(name, content) for name, content in _table("accounts", contents).items()}
    return Settings(accounts=accounts, **values)


def load_mail_server(
    environ: Mapping[str, str] | None = None, secrets_files: Sequence[Path] | None = None
) -> MailServer:
    """Return the mail server of the settings.

    Raises `SettingsError` when there is none, half a pair of credentials, or one that would send the password or the
    report unencrypted to another machine.
    """
    values = _values(MailServer, os.environ if environ is None else environ, _contents(secrets_files))
    if "host" not in values or "sender" not in values:
        raise SettingsError("KLENTY_SMTP_HOST and KLENTY_SMTP_FROM are needed to send mail.")
    if ("user" in values) != ("password" in values):
        raise SettingsError("KLENTY_SMTP_USER and KLENTY_SMTP_PASSWORD are needed together, or neither.")
    server = MailServer(**values)
    if server.security == "none" and server.host not in _LOCAL:
        raise SettingsError("KLENTY_SMTP_SECURITY may be none only for a mail server on this machine.")
    return replace(server, port=server.port or _MAIL_PORTS[server.security])


def load_table(name: str, secrets_files: Sequence[Path] | None = None) -> Mapping[str, object]:
    """Return the table `[name]` of the first secrets file that has it; empty when none has.

    The files are read on every call, which takes a fraction of a millisecond. Raises `SettingsError` for an unreadable
    one.
    """
    return _table(name, _contents(secrets_files))


def texts(value: object, what: str) -> tuple[str, ...]:
    """Return a list of texts, or one text cut at its commas. Raises `SettingsError` naming `what` for anything else."""
    parts = value.split(",") if isinstance(value, str) else [] if value is None else value
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise SettingsError(f"{what} must be a list of texts.")
    return tuple(part.strip() for part in parts if part.strip())


def system_timezone(environ: Mapping[str, str], root: Path = Path("/etc")) -> str:
    """Return this machine's zone by name, UTC when it has none that can be named.

    Raises `SettingsError` for a TZ that is a rule of its own: no zone has that name, and another would cut days
    elsewhere.
    """
    if rule := environ.get("TZ", "").removeprefix(":").strip():
        zone = _zone_of_rule(rule)
        if zone is None:
            raise SettingsError(f"TZ is {rule!r}, which names no time zone. Set KLENTY_TIMEZONE; {_ZONE_HINT}.")
        return zone
    names = []
    with contextlib.suppress(OSError, UnicodeDecodeError):
        names.append((root / "timezone").read_text("utf-8").strip())
    link = root / "localtime"
    if link.is_symlink():
        names.append(str(link.resolve()).partition("zoneinfo/")[2])
    return next((name for name in names if name and _is_zone(name)), "UTC")


def _zone_of_rule(rule: str) -> str | None:
    """Return the zone behind a value of TZ: a name, the path of a zone's file, or a fixed offset like <+03>-3."""
    if rule.startswith("/"):
        rule = str(Path(rule).resolve()).partition("zoneinfo/")[2]
    if rule and _is_zone(rule):
        return rule
    fixed = re.fullmatch(r"(?:<[^<>]+>|[A-Za-z]{3,})([+-]?[0-9]{1,2})(?::?00)?", rule)
    if fixed is None:
        return None
    hours = int(fixed[1])
    name = f"Etc/GMT{hours:+d}" if hours else "UTC"  # both count hours west of Greenwich
    return name if _is_zone(name) else None


def _is_zone(name: str) -> bool:
    with contextlib.suppress(ValueError):
        return bool(_zone(name))
    return False


def _variables(cls: type[Settings] | type[MailServer]) -> dict[str, Field[Any]]:
    """Return the fields that are read from variables, by the name of the variable."""
    start = "KLENTY_" if cls is Settings else "KLENTY_SMTP_"
    known = [found for found in fields(cls) if found.metadata]
    return {start + ("FROM" if found.name == "sender" else found.name.upper()): found for found in known}


def _values(
    cls: type[Settings] | type[MailServer], environ: Mapping[str, str], contents: Sequence[Mapping[str, object]]
) -> dict[str, Any]:
    """Return the values that are set, by field."""
    sources: list[Mapping[str, object]] = [environ, *contents]
    values = {}
    for variable, found in _variables(cls).items():
        text = next((text for source in sources if (text := str(source.get(variable) or "").strip())), None)
        if text is not None:
            values[found.name] = _parsed(variable, found, text)
    return values


def _parsed(variable: str, found: Field[Any], text: str) -> Any:
    try:
        return found.metadata["parse"](text)
    except ValueError as problem:
        words = str(problem)
        raise SettingsError(f"{variable}{' ' if words[0].islower() else ': '}{words}") from None


def _contents(secrets_files: Sequence[Path] | None) -> list[Mapping[str, object]]:
    return [_secrets(path) for path in (_secrets_files() if secrets_files is None else secrets_files)]


def _secrets_files() -> list[Path]:
    folders = []
    for folder in (Path.cwd, Path.home):
        with contextlib.suppress(RuntimeError, OSError):  # a removed folder; a container's user without a home
            folders.append(folder())
    return [folder / ".streamlit" / "secrets.toml" for folder in folders]


def _secrets(path: Path) -> Mapping[str, object]:
    """Return the settings of one file, at its top level or under [klenty]."""
    try:
        read = path.read_bytes()
        content = tomllib.loads(read.decode("utf-8-sig"))  # editors on Windows put a mark in front
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8 text. Save it again as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\((at [^()]+)\)$", str(error))
        raise SettingsError(f"{path} is not TOML: there is a mistake {place[1] if place else 'in it'}.") from None
    if "auth" in content and read.startswith(codecs.BOM_UTF8):  # Streamlit, which signs people in, does not read it
        raise SettingsError(f"{path} begins with a byte order mark, so sign-in ([auth]) fails. Save it without one.")
    for table, name in _misplaced(content):
        raise SettingsError(
            f"{path}: {name} is in the table [{table}], where it is no setting. Move it to the top of the file, above "
            "the first line in square brackets."
        )
    section = content.get("klenty")
    return content | section if isinstance(section, dict) else content


def _misplaced(content: Mapping[str, object], table: str = "") -> Iterator[tuple[str, str]]:
    """Yield settings inside tables, by table and name."""
    for name, value in content.items():
        inside = f"{table}.{name}" if table else name
        if isinstance(value, dict):
            yield from _misplaced(value, inside) if inside != "klenty" else ()
        elif table and name.upper().startswith("KLENTY_"):
            yield table, name


def _table(name: str, contents: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
    found = next((content[name] for content in contents if name in content), {})
    if not isinstance(found, dict):
        raise SettingsError(f"[{name}] in secrets.toml must be a table.")
    return found


def _account(name: str, content: object) -> NamedAccount:
    place = f"[accounts.{name}] in secrets.toml"
    if not isinstance(content, dict):
        raise SettingsError(f"{place} must be a table with user and api_key.")
    user, key = str(content.get("user") or "").strip(), str(content.get("api_key") or "").strip()
    if not name.strip() or not user or not key:
        raise SettingsError(f"{place} needs a user and an api_key.")
    wanted = {"KLENTY_USER": user, "KLENTY_API_KEY": key, "KLENTY_BASE_URL": content.get("base_url")}
    try:
        values = _values(Settings, {}, [wanted])
    except SettingsError as wrong:
        raise SettingsError(f"{place}: {wrong}") from None
    people = texts(content.get("people"), f"people of {place}")
    return NamedAccount(name, role=str(content.get("role") or ""), people=people, **values)


def settings_table() -> str:
    """Return all settings as tables in Markdown, for the documents."""
    parts = []
    for title, cls in (("The dashboard", Settings), ("Reports by mail", MailServer)):
        rows = [
            f"| `{name}` | {_shown(found)} | {found.metadata['about']} |" for name, found in _variables(cls).items()
        ]
        parts.append("\n".join([f"## {title}", "", "| Variable | Default | Meaning |", "|---|---|---|", *rows, ""]))
    return "\n".join(parts)


def _shown(found: Field[Any]) -> str:
    if found.default is None or "by default" in found.metadata["about"]:
        return ""
    return f"`{int(found.default) if isinstance(found.default, bool) else found.default}`"


if __name__ == "__main__":
    sys.stdout.write(settings_table())
