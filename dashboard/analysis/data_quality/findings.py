"""Data health: every doubt about the numbers in one list, with what it means and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pandas as pd

from dashboard.analysis.data_quality.checks import (
    DataWarning,
    Severity,
    data_warnings,
    percent_warnings,
    reading_warnings,
)
from dashboard.data.account_check.facts import NOTHING_SETTLED, AccountFacts


@dataclass(frozen=True)
class Concern:
    """A kind of finding: a title, and what to do about it."""

    title: str
    what_to_do: str


CONCERNS: Final[dict[str, Concern]] = {
    "same_name": Concern(
        "Two cadences of one name",
        "Rename one of them in Klenty: its reports know a cadence by its name only.",
    ),
    "nothing_reported": Concern(
        "Nothing reported",
        "Look whether the cadence still exists under this name and whether this user may see it.",
    ),
    "all_zero": Concern(
        "Only zeros",
        "Expected for a cadence that was not active. Otherwise compare the name with the one in Klenty, letter by "
        "letter, and try a longer range.",
    ),
    "tracking_off": Concern(
        "Replies, but no opens",
        "Open tracking is probably off, which is a choice, not a fault. Judge such cadences by replies.",
    ),
    "sentiment_over_replies": Concern(
        "More replies marked than received",
        "Take a longer range, so that the replies that were marked lie in it too.",
    ),
    "low_coverage": Concern(
        "Many replies are not marked",
        "Ask the team to mark replies in Klenty; until then compare replies rather than positive replies.",
    ),
    "rate_over_100": Concern(
        "More events than emails",
        "Take a longer range: replies and bounces of emails sent before it are counted in it.",
    ),
    "opens_over_sends": Concern(
        "More opens than emails",
        "Nothing is wrong: every open counts, repeated ones too. Read opens per email, and do not compare such steps "
        "by them.",
    ),
    "clicks_over_sends": Concern(
        "More clicks than emails",
        "Nothing is wrong: every click counts, repeated ones and link scanners too.",
    ),
    "options_differ": Concern(
        "Options do not add up to their step",
        "An option was probably deleted, or left out of the answer. Compare options with each other, not with the "
        "step; the sums are below.",
    ),
    "steps_differ": Concern(
        "Steps do not add up to the cadence",
        "A step was probably deleted or moved, or one of the two answers is older. Fetch again; the sums are below.",
    ),
    "percents_differ": Concern(
        "Klenty's percents do not follow from its counts",
        "Rates on these pages come from the counts. If a screen in Klenty shows another rate, this is why; Klenty's "
        "support can say what its percents are of.",
    ),
    "odd_answer": Concern(
        "Odd values in the answer",
        "The raw answer is on the page Data. Klenty's support should know of it.",
    ),
}
_OTHER: Final = Concern("Other findings", "See the text of each.")
COLUMNS: Final = ("cadence", "step", "option", "severity", "concern", "finding", "what_to_do")


@dataclass(frozen=True)
class Group:
    """All findings of one kind."""

    concern: Concern
    severity: Severity
    findings: tuple[DataWarning, ...]

    @property
    def cadences(self) -> int:
        """How many cadences are concerned."""
        return len({finding.cadence for finding in self.findings})


def findings(
    engagements: pd.DataFrame,
    steps: pd.DataFrame,
    options: pd.DataFrame,
    percents: pd.DataFrame,
    reading: pd.DataFrame,
    facts: AccountFacts = NOTHING_SETTLED,
) -> list[DataWarning]:
    """Return every finding of the three tidy frames, of Klenty's own percents and of reading the answers; nothing that
    the account has disproved.

    Args:
        engagements: a tidy frame.
        steps: a tidy frame of the same windows.
        options: a tidy frame of the same windows.
        percents: Klenty's own (`answer_checks`).
        reading: what was odd in the answers.
        facts: what the account check settled.
    """
    return [
        *data_warnings(engagements, steps, options, facts),
        *percent_warnings(percents),
        *reading_warnings(reading),
    ]


def concern_of(code: str, facts: AccountFacts = NOTHING_SETTLED) -> Concern:
    """Return what is said of a kind of finding, without what the account has disproved."""
    if code == "rate_over_100" and not facts.events_of_earlier_emails:
        return Concern(
            CONCERNS[code].title, "Look at the replies in Klenty: one person may have answered several times."
        )
    return CONCERNS.get(code, _OTHER)


def groups(found: Iterable[DataWarning], facts: AccountFacts = NOTHING_SETTLED) -> list[Group]:
    """Return the findings by kind: those that put numbers in doubt first, then by how many cadences they concern."""
    by_code: dict[str, list[DataWarning]] = {}
    for finding in found:
        by_code.setdefault(finding.code, []).append(finding)
    grouped = [Group(concern_of(code, facts), _gravest(several), tuple(several)) for code, several in by_code.items()]
    return sorted(grouped, key=lambda group: (group.severity != "warning", -group.cadences, group.concern.title))


def _gravest(several: Iterable[DataWarning]) -> Severity:
    return "warning" if any(finding.severity == "warning" for finding in several) else "info"


def findings_frame(found: Iterable[DataWarning], facts: AccountFacts = NOTHING_SETTLED) -> pd.DataFrame:
    """Return the findings as a table: cadence, step, option, severity, concern, finding, what_to_do."""
    rows = [
        (
            finding.cadence,
            finding.step,
            finding.option,
            finding.severity,
            group.concern.title,
            finding.text,
            group.concern.what_to_do,
        )
        for group in groups(found, facts)
        for finding in group.findings
    ]
    numbers = {"step": "Int64", "option": "Int64"}
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(dict.fromkeys(COLUMNS, "string") | numbers)
