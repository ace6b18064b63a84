"""`klenty-dashboard check`: does the key work, and how do this account's reports count?"""

import sys
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import click

from dashboard.cli.common import (
    SOME_FAILED,
    account_option,
    give_up,
    open_services,
    printable,
    sandbox_option,
    show_progress,
)
from dashboard.cli.streams import say
from dashboard.data.account_check.check import deep_check
from dashboard.data.account_check.facts import NOTE
from dashboard.data.account_check.probe import MOST_CALLS
from dashboard.data.cadence_report import CadenceReport
from dashboard.data.fetch.report_cache import ReportCache, list_cadences
from dashboard.data.windows import Window
from dashboard.services.account import AccountServices
from klenty_api import KlentyError

_DOCUMENTED: Final = frozenset({
    "prospectsAdded", "inCadenceCount", "prospectsCompleted", "openCount", "linkCount", "replyCount",
    "unsubscribeCount", "bounceCount", "positiveCount", "negativeCount",
})  # fmt: skip


@click.command("check")
@account_option
@sandbox_option
@click.option("--deep", is_flag=True, help="Ask also how the account's reports count, and remember what is settled.")
def command(account: str, sandbox: bool, deep: bool) -> None:
    """Does the key work, and what does this account report? Reads only; changes nothing.

    With --deep, up to 150 further calls settle what Klenty's documents leave open: which counts add up, where days are
    cut, what an unknown name answers. The answers are remembered for the dashboard.
    """
    with ExitStack() as stack:
        services = open_services(stack, account=account, sandbox=sandbox)
        timezone = services.settings.timezone
        say(f"Account: {services.account.label} at {services.account.base_url}, days in {timezone}")
        try:
            cadences = list_cadences(services.client, services.archive)
        except KlentyError as error:
            give_up(error)
        active = [cadence for cadence in cadences if cadence.is_active is not False]
        say(f"The key works: {len(cadences)} cadences, {len(active)} of them active.")
        if not cadences:
            return
        today = datetime.now(ZoneInfo(timezone)).date()
        window = Window(today - timedelta(days=28), today - timedelta(days=1), timezone)
        (first,) = ReportCache(services.client).load((active or cadences)[:1], window)  # asked now, whatever is kept
        _describe(first)
        if deep:
            _deep(stack, services, today)
        if first.failed or first.partial:
            sys.exit(SOME_FAILED)


def _describe(report: CadenceReport) -> None:
    """Say what the answers for one cadence carry."""
    say(f"Asked for “{printable(report.cadence.name or '')}”, {report.window.label()}:")
    if report.engagement is None:
        say(f"  engagements: {report.engagement_error}", err=True)
    else:
        fields = set(report.engagement.raw)
        say(f"  documented fields that came: {len(fields & _DOCUMENTED)} of {len(_DOCUMENTED)}")
        say(f"  not reported: {', '.join(sorted(_DOCUMENTED - fields)) or 'none'}")
        say(f"  undocumented fields: {', '.join(sorted(fields - _DOCUMENTED)) or 'none'}")
    if report.steps is None:
        say(f"  steps: {report.steps_error}", err=True)
    else:
        say(f"  steps: {len(report.steps)}, options: {sum(len(step.options) for step in report.steps)}")


def _deep(stack: ExitStack, services: AccountServices, today: date) -> None:
    """Put the questions of the account check, print each answer with its evidence, and note what they settle."""
    say(f"How its reports count, in at most {MOST_CALLS} calls that only read (Ctrl-C stops):")
    try:
        found = deep_check(
            services.client,
            timezone=services.settings.timezone,
            today=today,
            tell=show_progress(stack, quiet=False),
        )
    except KlentyError as error:
        give_up(error)
    except KeyboardInterrupt:
        say("Stopped. Nothing was changed, and nothing is remembered.", err=True)
        sys.exit(SOME_FAILED)
    for answer in found.answers:
        say(f"  {answer.question}\n    {'' if answer.settled else f'({answer.status}) '}{printable(answer.answer)}")
        for line in answer.evidence:
            say(f"      {printable(line)}")
    say(f"  {sum(a.settled for a in found.answers)} of {len(found.answers)} settled, {found.calls} calls")
    if not found.stopped:
        services.notes.put(NOTE, found.as_json())
        if services.notes.problem:
            say("The answers are not remembered.", err=True)
