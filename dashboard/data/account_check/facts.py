"""What is settled about how Klenty answers this account; where it is known, a warning that it disproves is left out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

NOTE: Final = "deep_check"
_VERSION: Final = 2  # the first one settled zones, sums and dates by absence of a counterexample


@dataclass(frozen=True)
class AccountFacts:
    """Facts that `klenty-dashboard check --deep` found; None, or absent, where nothing is settled.

    `undocumented` are fields that were there although no document names them. `in_cadence_is_now`: "in cadence" is the
    present state, whatever the range. `current_state` are all metrics of which that is true. `additive` holds False
    for metrics of which adjacent ranges were seen not to add up. `times_honoured`: a window's times count, not only
    its days; `day_zone` is where days given without a time are cut. `dated_by`: an event counts on its own date or on
    its email's. `opens_exceed`: a step was seen with more opens than emails. `unknown_name`: what a name answers that
    no cadence has. `users_differ`: what a report holds depends on the user who asks.
    """

    checked_at: datetime | None = None
    undocumented: tuple[str, ...] | None = None
    in_cadence_is_now: bool | None = None
    current_state: tuple[str, ...] = ()
    additive: Mapping[str, bool] = field(default_factory=dict, hash=False)
    times_honoured: bool | None = None
    end_day_included: bool | None = None
    day_zone: str | None = None
    dated_by: Literal["event", "send"] | None = None
    opens_exceed: bool | None = None
    unknown_name: Literal["nothing", "zeros", "refused"] | None = None
    users_differ: bool | None = None

    @property
    def zeros_may_be_a_wrong_name(self) -> bool:
        """Whether an answer of only zeros may come from a name that no cadence has."""
        return self.unknown_name in {None, "zeros"}

    @property
    def events_of_earlier_emails(self) -> bool:
        """Whether a range may hold events of emails that were sent before it."""
        return self.dated_by != "send"

    @property
    def events_count_on_their_own_date(self) -> bool:
        """Whether it is settled that replies count on the day they arrived: then no day's counts are still maturing."""
        return self.dated_by == "event"

    @property
    def range_notes(self) -> tuple[str, ...]:
        """Which days a range of this account holds, where it is not those asked for."""
        if self.times_honoured is not False:
            return ()
        zone = self.day_zone or "a zone of its own"
        cut = f"Klenty counts whole days of this account in {zone}, whatever zone is chosen."
        last = "The last day of a range is left out of its answers."
        return (cut, last) if self.end_day_included is False else (cut,)

    @property
    def notes(self) -> tuple[str, ...]:
        """What readers of this account's numbers have to know, a sentence each."""
        fixed = sorted(set(self.current_state) - {"inCadenceCount"})
        ignore_it = (
            f"Klenty gives these counts of this account whatever the range: {', '.join(fixed)}. Rates and changes "
            "formed from them say nothing of the range."
        )
        told = (
            (bool(fixed), ignore_it),
            (self.in_cadence_is_now is False, "“In cadence” changes with the range in this account."),
            (
                self.users_differ is True,
                "What a report holds depends on the user who asks: others may see other numbers.",
            ),
            (self.unknown_name == "zeros", "A name that no cadence has is answered with zeros."),
        )
        return (*self.range_notes, *(text for holds, text in told if holds))

    def as_json(self) -> dict[str, Any]:
        """For keeping."""
        checked_at = self.checked_at.isoformat() if self.checked_at else None
        return asdict(self) | {"checked_at": checked_at, "version": _VERSION}

    @classmethod
    def from_json(cls, kept: Any) -> "AccountFacts":  # any JSON
        """Return what was kept; nothing for anything else, and for what an earlier check settled too lightly."""
        try:
            if kept["version"] != _VERSION:
                return cls()
            known = {name: value for name, value in kept.items() if name in cls.__dataclass_fields__}
            checked_at = known.get("checked_at")
            known["checked_at"] = datetime.fromisoformat(checked_at) if checked_at else None
            known["current_state"] = tuple(known.get("current_state") or ())
            undocumented = known.get("undocumented")
            known["undocumented"] = None if undocumented is None else tuple(undocumented)
            known["additive"] = dict(known.get("additive") or {})
            return cls(**known)
        except (AttributeError, KeyError, TypeError, ValueError):
            return cls()


NOTHING_SETTLED: Final = AccountFacts()
