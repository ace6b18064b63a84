"""What a verdict asks for: the defaults, and what an account may set instead."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import log
from types import MappingProxyType
from typing import Any, Final

RULES_NOTE: Final = "verdict_rules"


@dataclass(frozen=True)
class Rules:
    """The settings of a verdict. `LIMITS` names those that an account may change; the others are fixed.

    `evidence` is the e-value that wins against another option: between equal ones sent side by side luck alone ever
    reaches it in fewer than one of that many tests. `prior_events` is how many events' worth the account's usual rate
    counts.
    """

    fewest_mails: int = 50
    fewest_events: int = 10
    fewest_days: int = 7
    practical_ratio: float = 1.25
    practical_chance: float = 0.95
    leading_chance: float = 0.80
    lift_worth_finding: float = 0.5
    evidence: float = 20.0
    prior_events: float = 10.0

    @property
    def log_winning(self) -> float:
        """The evidence that wins, as a logarithm."""
        return log(self.evidence)

    @property
    def problem(self) -> str:
        """Why these rules cannot be used, as a sentence; empty when they can."""
        for name, limit in LIMITS.items():
            if not limit.low <= getattr(self, name) <= limit.high:
                return f"{limit.label}: between {limit.shown(limit.low)} and {limit.shown(limit.high)}."
        return ""

    @property
    def in_words(self) -> str:
        """What is in force, in a sentence."""
        return _listed(self, LIMITS)

    @property
    def changed(self) -> str:
        """What differs from the defaults, in words; empty when nothing does."""
        return _listed(self, [name for name in LIMITS if getattr(self, name) != getattr(DEFAULTS, name)])

    def as_json(self) -> dict[str, float]:
        """For keeping: what an account may change."""
        return {name: value for name, value in asdict(self).items() if name in LIMITS}

    @classmethod
    def from_json(cls, kept: Any) -> "Rules":  # any JSON
        """Return what was kept; the defaults for anything that is no set of usable rules."""
        if not isinstance(kept, dict) or not set(kept) <= set(LIMITS):
            return cls()
        try:
            found = cls(**{name: type(getattr(DEFAULTS, name))(value) for name, value in kept.items()})
        except (TypeError, ValueError, OverflowError):
            return cls()
        return cls() if found.problem else found


@dataclass(frozen=True)
class Limit:
    """One rule that may be changed: what it is called, how far it may go, and what it means.

    People see `scale` × (value − `offset`) and `unit`.
    """

    label: str
    low: float
    high: float
    meaning: str
    unit: str = ""
    scale: float = 1
    offset: float = 0

    def seen(self, value: float) -> float:
        """Return the value as people see it."""
        return round(self.scale * (value - self.offset), 6)

    def meant(self, seen: float) -> float:
        """Return the value that people mean by what they see."""
        return round(seen / self.scale + self.offset, 6)

    def shown(self, value: float) -> str:
        """Return the value with its unit."""
        return f"{self.seen(value):,g}{self.unit}"


# So far that no setting makes a verdict of a handful of mails, lets chance win more than one test in ten, or lets the
# usual rate alone (without any mail) call two options equal.
LIMITS: Final[Mapping[str, Limit]] = MappingProxyType(
    {
        "fewest_mails": Limit("Fewest mails of an option", 20, 100_000, "With fewer, an option is not compared."),
        "fewest_events": Limit("Fewest replies in all", 5, 10_000, "With fewer in a step it is too early to judge."),
        "fewest_days": Limit("Fewest days side by side", 1, 90, "Before that it is too early to judge."),
        "practical_ratio": Limit(
            "No practical difference within ±", 1.05, 1.5, "Rates that very probably lie this close are called equal.",
            " %", 100, 1,
        ),
        "leading_chance": Limit(
            "Leads from a chance of", 0.6, 0.99, "From this chance to be best an option leads, not proven.", " %", 100
        ),
        "evidence": Limit(
            "Evidence that wins", 10, 10_000,
            "Between equal options sent side by side luck alone wins fewer than 1 of this many tests.",
        ),
        "prior_events": Limit(
            "Weight of the usual rate, in replies", 2, 30,
            "How many replies' worth the account's usual rate counts in the chance to be best.",
        ),
    }
)  # fmt: skip
DEFAULTS: Final = Rules()


def _listed(rules: Rules, names: Any) -> str:
    return "; ".join(f"{LIMITS[name].label.lower()} {LIMITS[name].shown(getattr(rules, name))}" for name in names)
