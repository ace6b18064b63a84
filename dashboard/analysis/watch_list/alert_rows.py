"""Alerts as rows: one for each cadence with a finding, with both of its rates and where they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import pandas as pd

from dashboard.analysis.watch_list.watch_list import WATCHED, Events, Finding, Levels, watched_counts

Standing = Literal["act", "watch", "perhaps", "ok"]
NAMES: Final[Mapping[Events, str]] = {"bounces": "Bounced", "unsubscribes": "Unsubscribed"}


@dataclass(frozen=True)
class LevelRate:
    """A rate of the last 28 days against its levels.

    `standing` names the level that it is surely above; *perhaps* where only the rate itself is above one.
    """

    metric: Events
    events: int
    trials: int
    base: str
    watch: float
    act: float
    standing: Standing

    @property
    def rate(self) -> float:
        """Events ÷ trials."""
        return self.events / self.trials


@dataclass(frozen=True)
class AlertRow:
    """What was found of one cadence, the gravest first; `rates` holds those whose counts are reported.

    `since` is the day on which the first of the findings was new.
    """

    cadence: str
    findings: tuple[Finding, ...]
    rates: Mapping[Events, LevelRate]
    since: date | None

    @property
    def days(self) -> list[Finding]:
        """The days and weeks that stand out."""
        return [finding for finding in self.findings if finding.kind != "level"]


def alert_rows(findings: Sequence[Finding], engagements: pd.DataFrame, levels: Levels) -> list[AlertRow]:
    """Return a row for each cadence, in the order in which its first finding comes.

    Args:
        findings: what is open, in order.
        engagements: tidy frame of the 28 days, for the rates without a finding.
        levels: the levels in force.
    """
    of_cadence: dict[str, list[Finding]] = {}
    for finding in findings:
        of_cadence.setdefault(finding.cadence, []).append(finding)
    known = {str(row["cadence"]): row for row in engagements.drop_duplicates("cadence").to_dict("records")}
    return [
        AlertRow(
            cadence,
            tuple(own),
            {
                metric: rate
                for metric in WATCHED
                if (rate := _rate(known.get(cadence), metric, own, levels)) is not None
            },
            min((finding.since for finding in own if finding.since), default=None),
        )
        for cadence, own in of_cadence.items()
    ]


def _rate(
    row: Mapping[object, object] | None, metric: Events, own: Sequence[Finding], levels: Levels
) -> LevelRate | None:
    counted = None if row is None else watched_counts(row, metric)
    if counted is None or not counted[1]:
        return None
    watch, act = levels.of(metric)
    level = next((finding for finding in own if finding.kind == "level" and finding.metric == metric), None)
    standing: Standing = "ok"
    if level is not None:
        standing = "perhaps" if not level.sure else "act" if level.level == act else "watch"
    return LevelRate(metric, *counted, watch, act, standing)
