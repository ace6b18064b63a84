"""`klenty-dashboard export`: the history as tables for BI tools."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, time
from pathlib import Path

import click

from dashboard.cli.common import (
    BAD_USAGE,
    SOME_FAILED,
    Day,
    account_option,
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
from dashboard.data.database import DatabaseError
from dashboard.data.error_advice import advice
from dashboard.data.fetch.report_cache import list_cadences
from dashboard.data.history import History
from dashboard.exports.entities import TABLES, entity_tables
from dashboard.exports.entity_files import FileFormat, entity_files
from dashboard.services.account import AccountServices
from klenty_api import Cadence, KlentyError


@click.command("export")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["parquet", "csv"]),
    default="parquet",
    show_default=True,
    help="Of the files; Parquet keeps the types.",
)
@click.option("--since", type=Day(), help="Only what was fetched on this day (UTC) or later; default everything.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder for the files.")
@click.option(
    "--table",
    "names",
    type=click.Choice(list(TABLES)),
    multiple=True,
    help="A table; may be repeated. Default: all.",
)
@timezone_option
@account_option
@sandbox_option
@quiet_option
def command(
    file_format: FileFormat,
    since: date | None,
    out: Path,
    names: tuple[str, ...],
    timezone: str | None,
    account: str,
    sandbox: bool,
    quiet: bool,
) -> None:
    """Write the history as tables for BI tools: one file per entity, and tables.json with its key and columns.

    Figures come from the history (see the command sync). For cadences, verdicts and alerts Klenty is asked what is not
    fresh, as on their pages. Exit codes: 0 done; 1 some answers did not come (the rest is written, the cadences are
    named); 2 bad usage or settings, or no database.
    """
    wanted = tuple(dict.fromkeys(names)) or tuple(TABLES)
    start = None if since is None else datetime.combine(since, time(), UTC)
    made_at = datetime.now(UTC)
    with ExitStack() as stack:
        services = open_services(stack, account=account, sandbox=sandbox, timezone=timezone)
        history = services.history
        if history is None:
            say(str(services.archive.error), err=True)
            sys.exit(BAD_USAGE)
        asked = any(TABLES[name].from_klenty for name in wanted)
        try:
            cadences, complete = _cadences(services, history, ask=asked)
            progress = show_progress(stack, quiet=quiet)
            found = entity_tables(
                services, history, cadences, names=wanted, since=start, now=made_at, progress=progress
            )
        except DatabaseError as problem:
            say(str(problem), err=True)
            sys.exit(BAD_USAGE)
        user = services.account.user
    files = entity_files(found.tables, file_format, account=user, made_at=made_at, since=start)
    if not write_files(out, files):
        sys.exit(BAD_USAGE)
    if not quiet:
        rows = sum(len(table) for table in found.tables.values())
        tables = "1 table" if len(wanted) == 1 else f"{len(wanted)} tables"
        say(f"{tables}, {rows:,} rows, in {out}")
    _name_failed(found.failed)
    if found.failed or not complete:
        sys.exit(SOME_FAILED)


def _cadences(services: AccountServices, history: History, *, ask: bool) -> tuple[list[Cadence], bool]:
    """Return the account's cadences, and whether they are as Klenty lists them now where that was asked for."""
    if not ask:
        return history.listed_cadences(), True
    try:
        return list_cadences(services.client, services.archive), True
    except KlentyError as error:
        found = advice(error)
        say(f"{found.headline}. {found.what_to_do} The list of cadences is the latest one that came.", err=True)
        return history.listed_cadences(), False


def _name_failed(failed: Sequence[CadenceReport]) -> None:
    """Name the cadences whose answers did not come, once each."""
    first = {report.cadence.name or "": report for report in reversed(failed)}
    for name, report in sorted(first.items()):
        error = report.engagement_error or report.steps_error
        say(f"{printable(name)}: no answer came, so verdicts or alerts lack it. {error}", err=True)
