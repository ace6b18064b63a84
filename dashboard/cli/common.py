"""What several commands share: options, opening an account, choosing cadences, progress, giving up."""

import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from dashboard.cli.streams import say
from dashboard.data.error_advice import advice
from dashboard.data.fetch.report_cache import cadence_from_name, list_cadences
from dashboard.services.account import AccountServices, open_account
from dashboard.services.history import BUSY_SECONDS
from dashboard.settings import SettingsError, load_settings
from klenty_api import Cadence, KlentyError, ValidationError

SOME_FAILED: Final = 1
BAD_USAGE: Final = 2


class Day(click.ParamType[date]):
    """A day as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day, or say that it is none.

        Args:
            value: what was typed.
            param: whose value it is.
            ctx: of the command.
        """
        if isinstance(value, date):
            return value
        try:
            day = datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            self.fail(f"{value!r} is no day; one looks like 2026-11-23.", param, ctx)
        if not 2000 <= day.year <= 2100:
            self.fail(f"{value} is not in the years 2000 to 2100.", param, ctx)
        return day


account_option = click.option(
    "--account", default="", help="One of the accounts named in secrets.toml; default the one of KLENTY_USER."
)
sandbox_option = click.option("--sandbox", is_flag=True, help="Use the sandbox with its invented data.")
timezone_option = click.option(
    "--timezone", help="Where days begin and end; default KLENTY_TIMEZONE, else this machine's zone."
)
quiet_option = click.option("--quiet", is_flag=True, help="No progress, no summary.")


@dataclass(frozen=True)
class CadenceChoice:
    """The cadences to ask for; those among them that the account does not list, by name; and all of the account."""

    chosen: list[Cadence]
    unlisted: list[str]
    everyone: list[Cadence]


def open_services(
    stack: ExitStack,
    *,
    account: str,
    sandbox: bool,
    timezone: str | None = None,
    busy_seconds: float = BUSY_SECONDS,
) -> AccountServices:
    """Return the services of an account; ends the command when the settings are wrong.

    Args:
        stack: Closes them, and says then what was wrong with the history.
        account: One of the named accounts; empty for the first.
        sandbox: Whether to use a sandbox whatever the settings name.
        timezone: Zone instead of that of the settings.
        busy_seconds: How long writes wait for other writers of the database.
    """
    environ = os.environ | ({"KLENTY_TIMEZONE": timezone} if timezone else {})
    try:
        settings = load_settings(environ)
        if sandbox:
            settings = replace(settings, sandbox=True)
        if not settings.sandbox:
            settings.of_account(account).credentials()
        services = stack.enter_context(open_account(settings, account, busy_seconds=busy_seconds))
    except (SettingsError, ValidationError) as error:
        say(f"Settings: {error}", err=True)
        sys.exit(BAD_USAGE)
    except KlentyError as error:
        give_up(error)
    stack.callback(lambda: say(services.history_problem, err=True) if services.history_problem else None)
    return services


def choose_cadences(services: AccountServices, names: Sequence[str]) -> CadenceChoice:
    """Return the cadences called `names`, or all with a name when there are none.

    When the account's list does not come, cadences are asked for by name all the same. Raises `KlentyError` when it
    does not come and no names are given.
    """
    wanted = list(dict.fromkeys(_as_utf8(name) for name in names))
    try:
        known = list_cadences(services.client, services.archive)
    except KlentyError:
        if not names:
            raise
        typed = [cadence_from_name(name) for name in wanted]
        return CadenceChoice(typed, [], typed)
    if not names:
        return CadenceChoice([cadence for cadence in known if cadence.name], [], known)
    listed = {cadence.name for cadence in known}
    unlisted = [name for name in wanted if name not in listed]
    typed = [cadence_from_name(name) for name in unlisted]
    chosen = [cadence for name in wanted for cadence in (*known, *typed) if cadence.name == name]
    return CadenceChoice(chosen, unlisted, [*known, *typed])


def check_names(names: Sequence[str]) -> None:
    """Refuse names that no cadence can have. Raises `click.UsageError`."""
    for name in names:
        if not name.strip():
            raise click.UsageError("--cadence needs a name.")
        try:
            _as_utf8(name).encode()
        except UnicodeEncodeError:
            raise click.UsageError(
                f"--cadence: {printable(name)} is no text in the encoding of this machine; set LC_ALL=C.UTF-8."
            ) from None


def _as_utf8(name: str) -> str:
    """Read an argument as UTF-8, as which it was most likely typed, whatever the locale says."""
    try:
        return os.fsencode(name).decode("utf-8")
    except UnicodeError:
        return name


def show_progress(stack: ExitStack, *, quiet: bool) -> Callable[..., None] | None:
    """Return `show(done, total, …)`, which keeps a line of progress on a terminal; None elsewhere."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        return None

    def show(done: int, total: int, *_more: object) -> None:
        say(f"\rAsking Klenty: {done:,} of {total:,}", err=True, newline=False)

    stack.callback(say, "\r\x1b[K", err=True, newline=False)
    return show


def write_files(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Write every file whole or not at all, so that a reader never sees half of one; return whether it was possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # All are written before the first is put in its place: a full disk leaves the files of the last run alone.
        with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as parts:
            for name, content in files.items():
                (Path(parts) / name).write_bytes(content)
            for name in files:
                (Path(parts) / name).replace(folder / name)
    except OSError as error:
        say(f"{folder} cannot be written: {error.strerror}.", err=True)
        return False
    return True


def printable(text: str) -> str:
    """Return a text on one line, without what would steer a terminal."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def give_up(error: KlentyError) -> NoReturn:
    """End the command with what happened and what to do."""
    found = advice(error)
    say(f"{found.headline}. {found.what_to_do}", err=True)
    say(f"  {error}", err=True)
    sys.exit(SOME_FAILED)
