"""The command line: the dashboard itself, reports for cron, a check of the settings, the sandbox.

What a command needs is imported inside it, so that `--help` does not wait for pandas.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dashboard.analysis.metrics import Per
    from dashboard.data.cadence_report import CadenceReport
    from dashboard.data.windows import Window
    from dashboard.exports.collect import Asked, Gathered
    from dashboard.exports.formats import Format
    from dashboard.services.account import AccountServices
    from dashboard.settings import MailServer
    from klenty_api import Cadence, KlentyClient, KlentyError

SOME_FAILED, BAD_USAGE = 1, 2
_PORT = click.IntRange(1, 65535)
RANGES = (
    "today", "7d", "14d", "28d", "90d", "this_week", "last_week", "this_month", "last_month", "this_quarter",
    "last_quarter", "12w", "year_to_date",
)  # fmt: skip


class Day(click.ParamType[date]):
    """A day as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the day, or say that it is none."""
        if isinstance(value, date):
            return value
        try:
            day = datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            self.fail(f"{value!r} is no day; one looks like 2026-11-23.", param, ctx)
        if not 2000 <= day.year <= 2100:
            self.fail(f"{value} is not in the years 2000 to 2100.", param, ctx)
        return day


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--port", type=_PORT, default=8501, show_default=True, help="Port of the dashboard.")
@click.option("--address", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--sandbox", is_flag=True, help="Show the sandbox even when credentials are set.")
@click.option(
    "--allow-actions-without-sign-in",
    "allow_actions",
    is_flag=True,
    help="Let people act although others can reach the dashboard and nobody signs in.",
)
@click.version_option(package_name="klenty-cadence-dashboard")
@click.pass_context
def main(ctx: click.Context, port: int, address: str, sandbox: bool, allow_actions: bool) -> None:
    """Cadence performance in Klenty. Without a command it starts the dashboard.

    Settings come from the environment or .streamlit/secrets.toml: KLENTY_USER, KLENTY_API_KEY, KLENTY_BASE_URL,
    KLENTY_TIMEZONE, KLENTY_WORKERS, KLENTY_CALLS_PER_SECOND. Without credentials the dashboard shows a local sandbox.
    """
    if ctx.invoked_subcommand is None:
        from dashboard import server  # noqa: PLC0415

        server.run(port=port, sandbox=sandbox, address=address, allow_actions=allow_actions)


@main.command()
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
@click.option("--timezone", help="Where days begin and end; default KLENTY_TIMEZONE, else this machine's zone.")
@click.option("--account", help="One of the accounts named in secrets.toml; default the one of KLENTY_USER.")
@click.option("--sandbox", is_flag=True, help="Report on the sandbox's invented data.")
@click.option("--quiet", is_flag=True, help="No progress, no summary.")
def report(
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
    account: str | None,
    sandbox: bool,
    quiet: bool,
) -> None:
    """Write a review or the tables of a range as files, send them by mail, or both.

    The files are those that the dashboard offers. Exit codes: 0 done; 1 some cadences failed (the rest is written, the
    failures are named) or the mail was not accepted; 2 bad usage or settings.
    """
    _check_what(start, end, preset, names, everything=everything)
    if out is None and not recipients:
        raise click.UsageError("Give --out, --email-to, or both.")
    server = _mail_server(recipients)
    from datetime import UTC  # noqa: PLC0415

    from dashboard.exports.formats import files  # noqa: PLC0415
    from dashboard.exports.review import gaps  # noqa: PLC0415
    from klenty_api import KlentyError  # noqa: PLC0415

    with ExitStack() as stack:
        services = _open(stack, sandbox=sandbox, timezone=timezone, account=account)
        try:
            cadences, unlisted, everyone = _cadences(services.client, names)
        except KlentyError as error:
            _give_up(error)
        window = _window(start, end, preset, services.settings.timezone)
        asked = _asked(services, cadences, everyone, window, preset, per)
        review = bool(recipients or {"html", "xlsx"} & set(formats))
        gathered = _gather(stack, services, asked, review=review, quiet=quiet)
    made_at = datetime.now(UTC)
    made = files(gathered, formats, made_at=made_at)
    if out is not None:
        _write(out, made)
    if not quiet:
        number = "1 cadence" if len(cadences) == 1 else f"{len(cadences):,} cadences"
        click.echo(f"{len(made)} files for {number}, {window.label()}{f', in {out}' if out else ''}")
    for name in unlisted:
        # Klenty answers an unknown name as if nothing had happened; a misspelling must not look like that.
        click.echo(f"{_shown(name)}: the account lists no cadence of this name, so there are no figures.", err=True)
    failed = _name_failures(gathered.reports)
    failed |= _name_unjudged(gathered.unjudged, failed)
    for gap in gaps(gathered):
        click.echo(_shown(gap), err=True)
    sent = server is None or _mail(gathered, made, made_at, server, recipients, quiet=quiet)
    if failed or unlisted or gaps(gathered) or not sent:
        sys.exit(SOME_FAILED)


@main.command()
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
@click.option("--timezone", help="Where days begin and end; default KLENTY_TIMEZONE, else this machine's zone.")
@click.option("--account", help="One of the accounts named in secrets.toml; default the one of KLENTY_USER.")
@click.option("--sandbox", is_flag=True, help="Sync the sandbox's invented data.")
@click.option("--quiet", is_flag=True, help="No progress, no summary.")
def sync(
    start: date,
    end: date | None,
    bucket: Literal["day", "week"],
    names: tuple[str, ...],
    timezone: str | None,
    account: str | None,
    sandbox: bool,
    quiet: bool,
) -> None:
    """Fill the history with every day (or week) of a range, so that trends need not wait for Klenty.

    What is there and settled is not asked again, so it may be stopped, killed and begun again at any time, and run
    beside the dashboard. Exit codes: 0 done; 1 some answers did not come (the rest is kept, the cadences are named);
    2 bad usage or settings, or no database.
    """
    from datetime import timedelta  # noqa: PLC0415
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from dashboard.data.database import DatabaseError  # noqa: PLC0415
    from dashboard.data.fetch.sync import sync as fill  # noqa: PLC0415
    from dashboard.data.windows import buckets  # noqa: PLC0415
    from dashboard.web.gc_tuning import freeze_heap  # noqa: PLC0415
    from klenty_api import KlentyError  # noqa: PLC0415

    freeze_heap()
    with ExitStack() as stack:
        services = _open(stack, sandbox=sandbox, timezone=timezone, account=account, busy_seconds=30.0)
        zone, client = services.settings.timezone, services.client
        end = end or datetime.now(ZoneInfo(zone)).date() - timedelta(days=1)
        if end < start:
            raise click.UsageError("--to lies before --from.")
        windows = buckets(start, end, bucket, zone)
        history = services.history
        if history is None:
            click.echo(str(services.archive.error), err=True)
            sys.exit(BAD_USAGE)
        try:
            cadences, unlisted, _everyone = _cadences(client, names)
            listed = [cadence for cadence in cadences if cadence.name not in unlisted]
            done = fill(client, history, listed, windows, progress=_windows(stack, quiet=quiet))
        except DatabaseError as problem:
            click.echo(str(problem), err=True)
            sys.exit(BAD_USAGE)
        except KlentyError as error:
            _give_up(error)
        except KeyboardInterrupt:
            click.echo("Stopped. What came is kept; the same command goes on from there.", err=True)
            sys.exit(SOME_FAILED)
    for name in unlisted:
        click.echo(f"{_shown(name)}: the account lists no cadence of this name, so it was not asked.", err=True)
    if not quiet:
        click.echo(f"{done.asked:,} windows fetched, {done.there:,} were there, {len(done.failed):,} failed.")
    _name_failed_windows(done.failed)
    if done.refused is not None:
        _give_up(done.refused)
    if done.failed or unlisted:
        sys.exit(SOME_FAILED)


@main.command()
@click.option("--account", help="One of the accounts named in secrets.toml; default the one of KLENTY_USER.")
@click.option("--sandbox", is_flag=True, help="Check against the sandbox.")
@click.option("--deep", is_flag=True, help="Ask also how the account's reports count, and remember what is settled.")
def check(account: str | None, sandbox: bool, deep: bool) -> None:
    """Does the key work, and what does this account report? Reads only; changes nothing.

    With --deep, up to 90 further calls settle what Klenty's documents leave open: which counts add up, where days are
    cut, what an unknown name answers. The answers are remembered for the dashboard.
    """
    from datetime import timedelta  # noqa: PLC0415
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from dashboard.data.fetch.report_cache import ReportCache, list_cadences  # noqa: PLC0415
    from dashboard.data.windows import Window  # noqa: PLC0415
    from klenty_api import KlentyError  # noqa: PLC0415

    with ExitStack() as stack:
        services = _open(stack, sandbox=sandbox, timezone=None, account=account)
        client, timezone = services.client, services.settings.timezone
        click.echo(f"Account: {services.account.label} at {client.base_url}, days in {timezone}")
        try:
            cadences = list_cadences(client)
        except KlentyError as error:
            _give_up(error)
        active = [cadence for cadence in cadences if cadence.is_active is not False]
        click.echo(f"The key works: {len(cadences)} cadences, {len(active)} of them active.")
        if not cadences:
            return
        today = datetime.now(ZoneInfo(timezone)).date()
        window = Window(today - timedelta(days=28), today - timedelta(days=1), timezone)
        (first,) = ReportCache(client).load((active or cadences)[:1], window)
        _describe(first)
        if deep:
            _deep(stack, services, today)
        if first.failed or first.partial:
            sys.exit(SOME_FAILED)


def _deep(stack: ExitStack, services: AccountServices, today: date) -> None:
    """Put the questions of the deep check, print each answer with its evidence, and remember what they settle."""
    from dashboard.data.account_check.check import deep_check  # noqa: PLC0415
    from dashboard.data.account_check.facts import NOTE  # noqa: PLC0415
    from dashboard.data.account_check.probe import MOST_CALLS  # noqa: PLC0415
    from klenty_api import KlentyError  # noqa: PLC0415

    click.echo(f"How its reports count, in at most {MOST_CALLS} calls that only read (Ctrl-C stops):")
    show = _progress(stack, quiet=False)
    try:
        found = deep_check(
            services.client,
            timezone=services.settings.timezone,
            today=today,
            tell=lambda done, most, _question: show(done, most, None) if show else None,
        )
    except KlentyError as error:
        _give_up(error)
    except KeyboardInterrupt:
        click.echo("Stopped. Nothing was changed, and nothing is remembered.", err=True)
        sys.exit(SOME_FAILED)
    for answer in found.answers:
        click.echo(f"  {answer.question}\n    {'' if answer.settled else '(not settled) '}{_shown(answer.answer)}")
        for line in answer.evidence:
            click.echo(f"      {_shown(line)}")
    click.echo(f"  {sum(a.settled for a in found.answers)} of {len(found.answers)} settled, {found.calls} calls")
    if not found.stopped:
        services.notes.put(NOTE, found.as_json())
        if services.notes.problem:
            click.echo("The answers are not remembered.", err=True)


@main.command()
@click.option("--port", type=_PORT, default=8600, show_default=True, help="Port on 127.0.0.1.")
@click.option("--seed", default=7, show_default=True, help="Another seed, another invented company.")
@click.option("--cadences", type=click.IntRange(1, 500), help="How many cadences; default is the ordinary set.")
@click.option("--latency", default=0.0, show_default=True, help="Seconds that every answer takes.")
@click.option("--fault", "faults", multiple=True, metavar="KIND[:OPERATION[:CADENCE]]", help="A fault from the start.")
@click.option("--limit", metavar="KIND:NUMBER", help="A limit: token:20, window:20 (calls a second) or in_flight:10.")
def sandbox(
    port: int, seed: int, cadences: int | None, latency: float, faults: tuple[str, ...], limit: str | None
) -> None:
    """Serve a local Klenty with invented data, for trying things and for tests."""
    from klenty_api.sandbox import serve  # noqa: PLC0415

    try:
        serve(port=port, seed=seed, cadences=cadences, latency=latency, faults=faults, limit=limit)
    except (ValueError, OSError) as error:
        raise click.UsageError(str(error)) from None
    except KeyboardInterrupt:
        click.echo("Stopped.")


def _open(
    stack: ExitStack,
    *,
    sandbox: bool,
    timezone: str | None,
    account: str | None,
    busy_seconds: float | None = None,
) -> AccountServices:
    """Return the services of an account, closed by `stack`; ends the command when the settings are wrong."""
    from dataclasses import replace  # noqa: PLC0415

    from dashboard.services.account import open_account  # noqa: PLC0415
    from dashboard.settings import SettingsError, load_settings  # noqa: PLC0415
    from klenty_api import ValidationError  # noqa: PLC0415

    environ = os.environ | ({"KLENTY_TIMEZONE": timezone} if timezone else {})
    try:
        settings = load_settings(environ)
        settings.of_account(account)
        settings = replace(settings, sandbox=sandbox)
        if not sandbox:
            settings.of_account(account).credentials()
        waits = {} if busy_seconds is None else {"busy_seconds": busy_seconds}
        services = stack.enter_context(open_account(settings, account or "", **waits))
    except (SettingsError, ValidationError) as error:
        click.echo(f"Settings: {error}", err=True)
        sys.exit(BAD_USAGE)
    stack.callback(lambda: click.echo(services.history_problem, err=True) if services.history_problem else None)
    return services


def _cadences(client: KlentyClient, names: Sequence[str]) -> tuple[list[Cadence], list[str], list[Cadence]]:
    """The cadences asked for, the names among them that the account's list does not hold, and all of the account.

    Those are asked as they are, and so are all names when the list does not come.
    """
    from dashboard.data.fetch.report_cache import cadence_from_name, list_cadences  # noqa: PLC0415
    from klenty_api import KlentyError  # noqa: PLC0415

    try:
        known = list_cadences(client)
    except KlentyError:
        if not names:
            raise
        typed = [cadence_from_name(name) for name in dict.fromkeys(names)]
        return typed, [], typed
    if not names:
        return [cadence for cadence in known if cadence.name], [], known
    chosen: list[Cadence] = []
    for name in dict.fromkeys(names):
        chosen += [cadence for cadence in known if cadence.name == name] or [cadence_from_name(name)]
    unlisted = [name for name in dict.fromkeys(names) if name not in {cadence.name for cadence in known}]
    return chosen, unlisted, [*known, *(cadence for cadence in chosen if cadence.name in unlisted)]


def _check_what(
    start: date | None, end: date | None, preset: str | None, names: Sequence[str], *, everything: bool
) -> None:
    """Whether days and cadences of a report are said once and make sense."""
    if bool(names) == everything:
        raise click.UsageError("Give --cadence (once or several times), or --all.")
    if not all(name.strip() for name in names):
        raise click.UsageError("--cadence needs a name.")
    if (start is None or end is None) == (preset is None) or (preset and (start or end)):
        raise click.UsageError("Give --from and --to, or --range.")
    if start and end and end < start:
        raise click.UsageError("--to lies before --from.")


def _window(start: date | None, end: date | None, preset: str | None, timezone: str) -> Window:
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from dashboard.data.windows import Window, preset_window  # noqa: PLC0415

    if start and end:
        return Window(start, end, timezone)
    return preset_window(preset or "", datetime.now(ZoneInfo(timezone)).date(), timezone)


def _asked(
    services: AccountServices,
    cadences: Sequence[Cadence],
    everyone: Sequence[Cadence],
    window: Window,
    preset: str | None,
    per: Per,
) -> Asked:
    """What a report asks, with what is noted about the account and the daily counts of its history."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from dashboard.analysis.ab_tests.rules import RULES_NOTE, Rules  # noqa: PLC0415
    from dashboard.analysis.watch_list import watch_list  # noqa: PLC0415
    from dashboard.data.fetch.lifetime import read_days  # noqa: PLC0415
    from dashboard.data.fetch.weeks import read_weeks  # noqa: PLC0415
    from dashboard.data.windows import earlier_window  # noqa: PLC0415
    from dashboard.exports.collect import Asked  # noqa: PLC0415

    today = datetime.now(ZoneInfo(window.timezone)).date()
    notes, earlier = services.notes, earlier_window(window, preset=preset or "custom")
    return Asked(
        services.account.label,
        services.account.base_url,
        cadences,
        everyone,
        window,
        earlier,
        today,
        per,
        levels=watch_list.Levels.from_json(notes.get(watch_list.LEVELS_NOTE)),
        rules=Rules.from_json(notes.get(RULES_NOTE)),
        memory=watch_list.Memory.from_json(notes.get(watch_list.MEMORY_NOTE)),
        facts=notes.facts(),
        days=read_days(services.history, everyone, timezone=window.timezone),
        weeks=read_weeks(services.history, [cadence.name or "" for cadence in cadences], window, earlier),
    )


def _gather(stack: ExitStack, services: AccountServices, asked: Asked, *, review: bool, quiet: bool) -> Gathered:
    from dashboard.exports.collect import gather  # noqa: PLC0415

    progress = _progress(stack, quiet=quiet)
    return gather(asked, services.reports, services.lifetime, review=review, progress=progress)


def _mail_server(recipients: Sequence[str]) -> MailServer | None:
    """The mail server of the settings, when there is someone to write to; ends the command when they are wrong."""
    from dashboard.settings import SettingsError, load_mail_server  # noqa: PLC0415
    from klenty_api import ValidationError, encode  # noqa: PLC0415

    if not recipients:
        return None
    try:
        for address in recipients:
            encode.email(address)
        return load_mail_server()
    except ValidationError:
        raise click.UsageError("--email-to must be an email address.") from None
    except SettingsError as error:
        click.echo(f"Settings: {error}", err=True)
        sys.exit(BAD_USAGE)


def _mail(
    gathered: Gathered,
    made: dict[str, bytes],
    made_at: datetime,
    server: MailServer,
    recipients: Sequence[str],
    *,
    quiet: bool,
) -> bool:
    """Send the files, CSV tables as one zip; says whether every recipient was accepted."""
    from dashboard.exports import mail  # noqa: PLC0415
    from dashboard.exports.formats import files  # noqa: PLC0415
    from dashboard.exports.review import review  # noqa: PLC0415

    attached = {name: content for name, content in made.items() if not name.endswith(".csv")}
    if len(attached) < len(made):
        attached |= files(gathered, ["zip"], made_at=made_at)
    about = review(gathered, made_at=made_at)
    try:
        mail.send(mail.compose(about, attached, sender=server.sender, to=recipients), server)
    except mail.MailNotSentError as problem:
        click.echo(_shown(str(problem)), err=True)
        return False
    if not quiet:
        click.echo(f"Sent to {', '.join(recipients)}")
    return True


def _progress(stack: ExitStack, *, quiet: bool) -> Callable[[int, int, CadenceReport | None], None] | None:
    """A progress bar on a terminal, nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        return None
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    bar = stack.enter_context(Progress(console=Console(stderr=True), transient=True))
    task = bar.add_task("Asking Klenty")

    def show(done: int, total: int, _last: CadenceReport | None) -> None:
        bar.update(task, completed=done, total=total)

    return show


def _windows(stack: ExitStack, *, quiet: bool) -> Callable[[int, int], object] | None:
    """As `_progress`, for windows."""
    show = _progress(stack, quiet=quiet)
    return None if show is None else lambda done, total: show(done, total, None)


def _write(folder: Path, files: dict[str, bytes]) -> None:
    """Write every file whole or not at all, so that a reader never sees half of one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # All are written before the first is put in its place: a full disk leaves the files of the last run alone.
        with tempfile.TemporaryDirectory(dir=folder, prefix=".report-") as parts:
            for name, content in files.items():
                (Path(parts) / name).write_bytes(content)
            for name in files:
                (Path(parts) / name).replace(folder / name)
    except OSError as error:
        click.echo(f"{folder} cannot be written: {error.strerror}.", err=True)
        sys.exit(BAD_USAGE)


def _name_failures(reports: Sequence[CadenceReport]) -> set[str | None]:
    missing = [item for item in reports if item.failed or item.partial]
    for item in missing:
        what = "nothing" if item.failed else "no figures" if item.engagement is None else "no steps"
        name, error = _shown(item.cadence.name or ""), item.engagement_error or item.steps_error
        click.echo(f"{name}: {what} came. {error}", err=True)
    return {item.cadence.name for item in missing}


def _name_unjudged(reports: Sequence[CadenceReport], named: set[str | None]) -> set[str | None]:
    """Name the cadences whose A/B steps cannot be judged, unless they are named already."""
    missing = [item for item in reports if item.failed and item.cadence.name not in named]
    for item in missing:
        name = _shown(item.cadence.name or "")
        click.echo(f"{name}: no verdicts, its whole-life answer did not come. {item.steps_error}", err=True)
    return {item.cadence.name for item in missing}


def _name_failed_windows(failed: Sequence[CadenceReport]) -> None:
    """One line a cadence, with its first error: a cadence that fails does so for hundreds of windows."""
    by_name: dict[str, list[CadenceReport]] = {}
    for report in failed:
        by_name.setdefault(report.cadence.name or "", []).append(report)
    for name, reports in sorted(by_name.items()):
        first = min(reports, key=lambda report: report.window)
        error = first.engagement_error or first.steps_error
        click.echo(f"{_shown(name)}: {len(reports):,} windows failed, from {first.window.label()}. {error}", err=True)


def _shown(name: str) -> str:
    """A name on one line, without what would steer a terminal."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name)


def _describe(report: CadenceReport) -> None:
    """What the answers for one cadence carry."""
    click.echo(f"Asked for “{_shown(report.cadence.name or '')}”, {report.window.label()}:")
    if report.engagement is None:
        click.echo(f"  engagements: {report.engagement_error}", err=True)
    else:
        documented = {
            "prospectsAdded", "inCadenceCount", "prospectsCompleted", "openCount", "linkCount", "replyCount",
            "unsubscribeCount", "bounceCount", "positiveCount", "negativeCount",
        }  # fmt: skip
        fields = set(report.engagement.raw)
        click.echo(f"  documented fields that came: {len(fields & documented)} of {len(documented)}")
        click.echo(f"  not reported: {', '.join(sorted(documented - fields)) or 'none'}")
        click.echo(f"  undocumented fields: {', '.join(sorted(fields - documented)) or 'none'}")
    if report.steps is None:
        click.echo(f"  steps: {report.steps_error}", err=True)
    else:
        click.echo(f"  steps: {len(report.steps)}, options: {sum(len(step.options) for step in report.steps)}")


def _give_up(error: KlentyError) -> NoReturn:
    """End the command with what happened and what to do."""
    from dashboard.data.error_advice import advice  # noqa: PLC0415

    found = advice(error)
    click.echo(f"{found.headline}. {found.what_to_do}", err=True)
    click.echo(f"  {error}", err=True)
    sys.exit(SOME_FAILED)
