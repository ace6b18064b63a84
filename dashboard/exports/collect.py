"""Everything that a review is made of, asked in one go: the one way for the pages and the command line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pandas as pd

from dashboard.analysis.ab_tests.rules import DEFAULTS, RULES_NOTE, Rules
from dashboard.analysis.metrics import Per
from dashboard.analysis.watch_list.watch_list import LEVELS_NOTE, MEMORY_NOTE, Levels, Memory
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts
from dashboard.data.cadence_report import CadenceReport
from dashboard.data.fetch.lifetime import NO_DAYS, DailyCounts, load_lifetime, read_days
from dashboard.data.fetch.report_cache import Progress, ReportCache
from dashboard.data.fetch.weeks import read_weeks
from dashboard.data.history.listing import UnlistedCadence
from dashboard.data.windows import Window, maturing_since
from dashboard.exports.tables import Judged, evaluate_tests
from dashboard.services.account import AccountServices
from dashboard.services.goals import read_paces
from dashboard.services.what_changed import range_changes
from klenty_api import Cadence


@dataclass(frozen=True)
class Asked:
    """Whose cadences, which days, what these are compared with (None: nothing), and how rates are divided.

    `everyone` are all cadences of the account, which verdicts need whatever is chosen. `levels`,
    `memory`, `facts` and `rules` (of verdicts) are what is noted about the account; `days` the daily counts that
    verdicts may lean on, `weeks` the days and weeks of the history by which changes are judged (`read_weeks`),
    `goals` how the account's goals are kept (`read_paces`; None or empty: there are none). `unlisted` are cadences that
    were there in these days and that Klenty no longer lists, `changes` what changed in the range (`what_changed`).
    """

    account: str
    base_url: str
    cadences: Sequence[Cadence]
    everyone: Sequence[Cadence]
    window: Window
    earlier: Window | None
    today: date
    per: Per
    levels: Levels
    memory: Memory
    facts: AccountFacts = NOTHING_SETTLED
    days: DailyCounts = NO_DAYS
    rules: Rules = DEFAULTS
    weeks: pd.DataFrame | None = None
    goals: pd.DataFrame | None = None
    unlisted: Sequence[UnlistedCadence] = ()
    changes: pd.DataFrame | None = None

    @property
    def maturing(self) -> bool:
        """Whether events of the newest days of the range are still arriving."""
        return maturing_since(self.window, self.today, self.facts) is not None


@dataclass(frozen=True)
class Gathered:
    """What was asked and what arrived, failures included.

    `reports` are of the window, `earlier` of the period it is compared with, `unjudged` the whole-life answers that did
    not come.
    """

    asked: Asked
    reports: Sequence[CadenceReport]
    earlier: Sequence[CadenceReport]
    verdicts: Judged
    unjudged: Sequence[CadenceReport]


def asked_for(
    services: AccountServices,
    cadences: Sequence[Cadence],
    everyone: Sequence[Cadence],
    window: Window,
    earlier: Window | None,
    *,
    per: Per = "contacted",
    is_all: bool = False,
) -> Asked:
    """Return what a report asks, with what is noted about the account and what its history has.

    Args:
        services: Of the account.
        cadences: Those chosen.
        everyone: All cadences of the account.
        window: The days.
        earlier: What they are compared with; None for nothing.
        per: The denominator that is asked for.
        is_all: Whether none was chosen, so that deleted cadences are missed.
    """
    notes, archive, zone = services.notes, services.archive, window.timezone
    today, facts = datetime.now(ZoneInfo(zone)).date(), services.notes.facts()
    unlisted = archive.read(lambda history: history.unlisted_cadences(window.first_instant)) if is_all else None
    return Asked(
        services.account.label,
        services.account.base_url,
        cadences,
        everyone,
        window,
        earlier,
        today,
        per,
        levels=Levels.from_json(notes.get(LEVELS_NOTE)),
        memory=Memory.from_json(notes.get(MEMORY_NOTE)),
        facts=facts,
        days=read_days(services.history, everyone, timezone=zone),
        rules=Rules.from_json(notes.get(RULES_NOTE)),
        weeks=read_weeks(services.history, [cadence.name or "" for cadence in cadences], window, earlier),
        goals=archive.read(lambda history: read_paces(history, zone, today, facts)),
        unlisted=unlisted or (),
        changes=archive.read(lambda history: range_changes(history, window)),
    )


def gather(
    asked: Asked, store: ReportCache, lives: ReportCache, *, review: bool = True, progress: Progress | None = None
) -> Gathered:
    """Ask for what `store` and `lives` do not hold yet. Raises nothing: what failed is among the reports.

    Without `review` only what the tables of the range need is asked: no period to compare with.

    Args:
        asked: what the report is of.
        store: keeps reports.
        lives: keeps lifetime answers.
        review: whether the pack is wanted, with its period to compare.
        progress: called with what is done and what there is; may raise.
    """
    zone, size = asked.window.timezone, len(asked.cadences)
    windows = [asked.window, *([asked.earlier] if review and asked.earlier else [])]
    answers = store.with_people_now(store.load(asked.cadences, windows, progress=progress))
    reports, earlier = answers[:size], answers[size:]
    whole = load_lifetime(lives, asked.everyone, timezone=zone, today=asked.today, days=asked.days, progress=progress)
    unjudged = [report for report in whole.reports if report.failed]
    return Gathered(asked, reports, earlier, evaluate_tests(whole, asked.rules), unjudged)


def file_stem(window: Window, cadences: Sequence[Cadence]) -> str:
    """Return the name of a report's files without their ending: the days, and what was chosen."""
    if len(cadences) == 1:
        chosen = re.sub(r"[^\w]+", "-", cadences[0].name or "").strip("-")[:40]
    else:
        chosen = f"{len(cadences)}-cadences"
    return "-".join(part for part in ("klenty", str(window.start), str(window.end), chosen) if part)
