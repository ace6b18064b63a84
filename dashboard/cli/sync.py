"""`klenty-dashboard sync`: fill the history."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

import click

from dashboard.cli.common import (
    BAD_USAGE,
    SOME_FAILED,
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
)
from dashboard.cli.streams import say
from dashboard.data.cadence_report import CadenceReport
from dashboard.data.database import DatabaseError
from dashboard.data.fetch.sync import SyncResult, sync
from dashboard.data.windows import buckets
from dashboard.services.account import AccountServices
from dashboard.services.auto_sync import note_sync
from dashboard.web.gc_tuning import freeze_heap
from klenty_api import KlentyError

_BUSY_SECONDS: Final = 30.0


@click.command("sync")
@click.option("--from", "start", type=Day(), required=True, help="First day.")
@click.option("--to", "end", type=Day(), help="Last day, included; default yesterday.")
@click.option(
    "--bucket",
    type=click.Choice(["day", "week"]),
    default="day",
    show_default=True,
    help="Every day, or every week (Monday to Sunday) that holds one of the days.",
)
@click.option("--cadence", "names", multiple=True, help="A cadence by its exact name; may be repeated. Default: all.")
@click.option("--again", is_flag=True, help="Ask for every window again, settled or not, as for wrong numbers.")
@timezone_option
@account_option
@sandbox_option
@quiet_option
def command(
    start: date,
    end: date | None,
    bucket: Literal["day", "week"],
    names: tuple[str, ...],
    again: bool,
    timezone: str | None,
    account: str,
    sandbox: bool,
    quiet: bool,
) -> None:
    """Fill the history with every day (or week) of a range, so that trends need not wait for Klenty.

    What is there and settled is not asked again, so it may be stopped, killed and begun again at any time, and run
    while the dashboard runs. Exit codes: 0 done; 1 some answers did not come (the rest is kept, the cadences are
    named); 2 bad usage or settings, or no database.
    """
    check_names(names)
    freeze_heap()
    with ExitStack() as stack:
        services = open_services(stack, account=account, sandbox=sandbox, timezone=timezone, busy_seconds=_BUSY_SECONDS)
        zone = services.settings.timezone
        end = end or datetime.now(ZoneInfo(zone)).date() - timedelta(days=1)
        if end < start:
            raise click.UsageError("--to lies before --from.")
        history = services.history
        if history is None:
            say(str(services.archive.error), err=True)
            sys.exit(BAD_USAGE)
        try:
            cadences = choose_cadences(services, names)
            listed = [cadence for cadence in cadences.chosen if cadence.name not in cadences.unlisted]
            windows = buckets(start, end, bucket, zone)
            done = sync(
                services.client,
                history,
                listed,
                windows,
                progress=show_progress(stack, quiet=quiet),
                again_since=datetime.now(UTC) if again else None,
            )
            _note(services, done)
        except DatabaseError as problem:
            say(str(problem), err=True)
            sys.exit(BAD_USAGE)
        except KlentyError as error:
            give_up(error)
        except KeyboardInterrupt:
            say("Stopped. What was fetched is kept; the same command goes on from there.", err=True)
            sys.exit(SOME_FAILED)
    for name in cadences.unlisted:
        say(f"{printable(name)}: the account lists no cadence of this name, so it was not asked.", err=True)
    if not quiet:
        say(f"{done.asked:,} windows fetched, {done.there:,} were there, {len(done.failed):,} failed.")
    _name_failed_windows(done.failed)
    if done.refused is not None:
        give_up(done.refused)
    if done.failed or cadences.unlisted:
        sys.exit(SOME_FAILED)


def _note(services: AccountServices, done: SyncResult) -> None:
    if not done.failed:
        note_sync(services)


def _name_failed_windows(failed: Sequence[CadenceReport]) -> None:
    """Print one line a cadence, with its first error: a cadence that fails does so for hundreds of windows."""
    by_name: dict[str, list[CadenceReport]] = {}
    for report in failed:
        by_name.setdefault(report.cadence.name or "", []).append(report)
    for name, reports in sorted(by_name.items()):
        first = min(reports, key=lambda report: report.window)
        error = first.engagement_error or first.steps_error
        say(f"{printable(name)}: {len(reports):,} windows failed, from {first.window.label()}. {error}", err=True)
