"""What the registry knows of one metric."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from dashboard.data.account_check.facts import AccountFacts

Kind = Literal["count", "rate", "per", "derived"]
Per = Literal["contacted", "email"]
Table = Literal["engagements", "steps", "options"]


@dataclass(frozen=True)
class Metric:
    """One metric.

    `numerator` and `denominator` name columns of the tidy frames, joined by " + " where they are sums; both are
    None for counts and what is derived. `kind` is "count", "rate" (a share, written in %), "per" (events per email,
    which may exceed 1) or "derived" (a place, a word, a running sum). `additive` tells whether adjacent windows may
    be added: counts of people may not. `tables` are the tidy frames that hold it. `of` is what a share is of, in words;
    `basis` the words for what is no share; `short` a label where the base is named next to it. `help` is what has to be
    known of it, which an account may disprove (`caveat`).
    """

    key: str
    label: str
    formula: str
    kind: Kind
    unit: str
    tables: tuple[Table, ...]
    numerator: str | None = None
    denominator: str | None = None
    of: str = ""
    additive: bool = False
    lower_is_better: bool = False
    help: str = ""
    basis: str = ""
    short: str = ""
    caveat: "Caveat | None" = None

    @property
    def base_label(self) -> str:
        """What it is formed over, in words: "of emails sent", "per positive reply"."""
        return f"of {self.of}" if self.of else self.basis

    @property
    def axis_title(self) -> str:
        """The title of an axis with this metric on it: label, and unit or base."""
        if self.kind == "count":
            return self.label if self.unit in self.label.lower() else f"{self.label} ({self.unit})"
        return f"{self.short or self.label} ({self.base_label})" if self.kind == "rate" else self.label

    @property
    def columns(self) -> tuple[str, ...]:
        """The count columns that the metric is formed from; a count is formed from itself."""
        if self.numerator is None or self.denominator is None:
            return (self.key,)
        return (*self.numerator.split(" + "), *self.denominator.split(" + "))


@dataclass(frozen=True)
class Caveat:
    """What has to be known of a metric until an account disproves it, and what is known then."""

    text: str
    is_disproved: Callable[[AccountFacts], bool]
    instead: str
