"""`klenty-dashboard report`: the files that the dashboard offers, for cron, and by mail."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import click

from dashboard.analysis.metrics import Per
from dashboard.cli.common import (
    BAD_USAGE,
    SOME_FAILED,
    CadenceChoice,
    Day,
    account_option,
    check_names,
    choose_cadences,
    give_up,
    open_services,
    printable,
    quiet_option,
    sandbox_option,
    show_progress,
    timezone_option,
    write_files,
)
from dashboard.cli.streams import say
from dashboard.data.cadence_report import CadenceReport
from dashboard.data.windows import Window, earlier_window, preset_window
from dashboard.exports import mail
from dashboard.exports.collect import Asked, Gathered, asked_for, gather
from dashboard.exports.formats import Format, files
from dashboard.exports.review import gaps, review
from dashboard.services.account import AccountServices
from dashboard.settings import MailServer, SettingsError, load_mail_server, mail_address
from klenty_api import KlentyError

RANGES: Final = (
    "today", "7d", "14d", "28d", "90d", "this_week", "last_week", "this_month", "last_month", "this_quarter",
    "last_quarter", "12w", "year_to_date",
)  # fmt: skip


@dataclass(frozen=True)
class _Range:
    """Days as they were asked for: two, or a preset seen from today."""

    start: date | None
    end: date | None
    preset: str | None

    def check(self) -> None:
        """Raise `click.UsageError` unless it is one of both, with its end after its start."""
        if (self.start is None or self.end is None) == (self.preset is None) or (
            self.preset and (self.start or self.end)
        ):
            raise click.UsageError("Give --from and --to, or --range.")
        if self.start and self.end and self.end < self.start:
            raise click.UsageError("--to lies before --from.")

    def window(self, timezone: str) -> Window:
        """Return its days in a zone."""
        if self.start and self.end:
            return Window(self.start, self.end, timezone)
        return preset_window(self.preset or "", datetime.now(ZoneInfo(timezone)).date(), timezone)


@click.command("report")
@click.option("--from", "start", type=Day(), help="First day.")
@click.option("--to", "end", type=Day(), help="Last day, included.")
@click.option("--range", "preset", type=click.Choice(RANGES), help="Instead of --from and --to, seen from today.")
@click.option("--cadence", "names", multiple=True, help="A cadence by its exact name; may be repeated.")
@click.option("--all", "everything", is_flag=True, help="All cadences of the account, finished ones included.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the files.")
@click.option(
    "--format",
    "formats",
    type=click.Choice(["html", "xlsx", "csv", "zip"]),
    multiple=True,
    default=["csv"],
    show_default=True,
    help="A review pack, a workbook, a CSV file per table, or those in one zip; may be repeated.",
)
@click.option(
    "--email-to",
    "recipients",
    multiple=True,
    metavar="ADDRESS",
    help="Send the files by mail, too; may be repeated. The server comes from KLENTY_SMTP_HOST, _PORT, _USER, "
    "_PASSWORD, _FROM and _SECURITY.",
)
@click.option(
    "--per",
    type=click.Choice(["contacted", "email"]),
    default="contacted",
    show_default=True,
    help="Rank cadences by replies per prospect contacted or per email sent; the tables hold both rates.",
)
@timezone_option
@account_option
@sandbox_option
@quiet_option
def command(
    start: date | None,
    end: date | None,
    preset: str | None,
    names: tuple[str, ...],
    everything: bool,
    out: Path | None,
    formats: tuple[Format, ...],
    recipients: tuple[str, ...],
    per: Per,
    timezone: str | None,
    account: str,
    sandbox: bool,
    quiet: bool,
) -> None:
    """Write a review or the tables of a range as files, send them by mail, or both.

    The files are those that the dashboard offers. Exit codes: 0 done; 1 some cadences failed (the rest is written, the
    failures are named) or the mail was not accepted; 2 bad usage or settings.
    """
    if bool(names) == everything:
        raise click.UsageError("Give --cadence (once or several times), or --all.")
    check_names(names)
    days = _Range(start, end, preset)
    days.check()
    if out is None and not recipients:
        raise click.UsageError("Give --out, --email-to, or both.")
    to = _addresses(recipients)
    server = _mail_server() if to else None
    with ExitStack() as stack:
        services = open_services(stack, account=account, sandbox=sandbox, timezone=timezone)
        try:
            cadences = choose_cadences(services, names)
        except KlentyError as error:
            give_up(error)
        window = days.window(services.settings.timezone)
        gathered = gather(
            _asked(services, cadences, window, preset, per),
            services.reports,
            services.lifetime,
            review=bool(to or {"html", "xlsx"} & set(formats)),
            progress=show_progress(stack, quiet=quiet),
        )
    made_at = datetime.now(UTC)
    made = files(gathered, formats, made_at=made_at)
    written = out is None or write_files(out, made)
    if not quiet and written:
        number = "1 cadence" if len(cadences.chosen) == 1 else f"{len(cadences.chosen):,} cadences"
        say(f"{len(made)} files for {number}, {window.label()}{f', in {out}' if out else ''}")
    complete = _name_gaps(gathered, cadences.unlisted)
    sent = server is None or _mail(gathered, made, made_at, server, to, quiet=quiet)
    if not written:
        sys.exit(BAD_USAGE)
    if not (complete and sent):
        sys.exit(SOME_FAILED)


def _asked(services: AccountServices, cadences: CadenceChoice, window: Window, preset: str | None, per: Per) -> Asked:
    """Return what a report asks, with what is noted about the account and the daily counts of its history."""
    earlier = earlier_window(window, preset=preset or "custom")
    is_all = len(cadences.chosen) == len(cadences.everyone)
    return asked_for(services, cadences.chosen, cadences.everyone, window, earlier, per=per, is_all=is_all)


def _addresses(recipients: Sequence[str]) -> list[str]:
    """Return the addresses to write to, each once, with the names of their servers in ASCII."""
    found = []
    for text in recipients:
        try:
            found.append(mail_address(text))
        except ValueError as problem:
            raise click.UsageError(f"--email-to: {printable(text)}: {problem}.") from None
    return list(dict.fromkeys(found))


def _mail_server() -> MailServer:
    """Return the mail server of the settings; ends the command when they are wrong."""
    try:
        return load_mail_server()
    except SettingsError as error:
        say(f"Settings: {error}", err=True)
        sys.exit(BAD_USAGE)


def _mail(
    gathered: Gathered,
    made: Mapping[str, bytes],
    made_at: datetime,
    server: MailServer,
    to: Sequence[str],
    *,
    quiet: bool,
) -> bool:
    """Send the files, CSV tables as one zip; return whether every recipient was accepted."""
    attached = {name: content for name, content in made.items() if not name.endswith(".csv")}
    if len(attached) < len(made):
        attached |= files(gathered, ["zip"], made_at=made_at)
    about = review(gathered, made_at=made_at)
    try:
        mail.send(mail.compose(about, attached, sender=server.sender, to=to), server)
    except mail.MailNotSentError as problem:
        say(printable(str(problem)), err=True)
        return False
    if not quiet:
        say(f"Sent to {', '.join(to)}")
    return True


def _name_gaps(gathered: Gathered, unlisted: Sequence[str]) -> bool:
    """Name everything that is missing, a line each; return whether nothing is."""
    for name in unlisted:
        # Klenty answers an unknown name as if nothing had happened; a misspelling must not look like that.
        say(f"{printable(name)}: the account lists no cadence of this name, so there are no figures.", err=True)
    failed = _name_failures(gathered.reports)
    failed |= _name_untested(gathered.unjudged, failed)
    for gap in (*gaps(gathered), *(gone.left_out for gone in gathered.asked.unlisted)):
        say(printable(gap), err=True)
    return not (failed or unlisted or gaps(gathered))


def _name_failures(reports: Sequence[CadenceReport]) -> set[str | None]:
    missing = [item for item in reports if item.failed or item.partial]
    for item in missing:
        what = "nothing" if item.failed else "no figures" if item.engagement is None else "no steps"
        error = item.engagement_error or item.steps_error
        say(f"{printable(item.cadence.name or '')}: {what} came. {error}", err=True)
    return {item.cadence.name for item in missing}


def _name_untested(reports: Sequence[CadenceReport], named: set[str | None]) -> set[str | None]:
    """Name the cadences whose A/B steps cannot be judged, unless they are named already."""
    missing = [item for item in reports if item.failed and item.cadence.name not in named]
    for item in missing:
        name = printable(item.cadence.name or "")
        say(f"{name}: no verdicts, its whole-life answer did not come. {item.steps_error}", err=True)
    return {item.cadence.name for item in missing}
