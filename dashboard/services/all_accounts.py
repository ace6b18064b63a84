"""Several accounts side by side, from the sums of days that their histories keep. Asks Klenty nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd
import sqlalchemy as sa

from dashboard.analysis.performance.rate_cards import RateCard, rate_cards
from dashboard.analysis.watch_list.watch_list import LEVELS_NOTE, MEMORY_NOTE, Levels, Memory
from dashboard.data import frames
from dashboard.data.account_check.facts import NOTE, AccountFacts
from dashboard.data.database import Database
from dashboard.data.database.accounts import Notes
from dashboard.data.database.tables import ACCOUNT_COUNTS, ACCOUNTS
from dashboard.data.history.account_days import account_totals
from dashboard.data.windows import Window, maturing_since
from dashboard.services.auto_sync import SYNC_NOTE

QUIET: Final = "Nothing stands out."
_TIMES: Final = {"window_start", "window_end", "fetched_at"}


@dataclass(frozen=True)
class AccountSummary:
    """An account over some days: its rates, the alerts open at the last look (None: nobody looked), and the last sync
    (UTC; None: not recorded).

    `days` are those of which anything is known, of `of_days`; without any there are no cards.
    """

    label: str
    cards: Sequence[RateCard]
    emails_sent: int | None
    days: int
    of_days: int
    alerts: int | None
    synced: datetime | None

    @property
    def sentence(self) -> str:
        """What stands out, in words."""
        if not self.cards:
            return "No days are kept yet."
        found = [
            f"{card.label.lower()} {card.chip.text}" for card in self.cards if card.chip and card.chip.tone != "neutral"
        ]
        text = ", ".join(found)
        return f"{text[0].upper()}{text[1:]}." if text else QUIET


def summaries(
    database: Database, accounts: Mapping[tuple[str, str], str], window: Window, earlier: Window | None
) -> list[AccountSummary]:
    """Return a summary of each account that has a history, in the order given.

    Rates are per email sent. Counts are sums of single days over all cadences, so a person who is in two of them counts
    in both.

    Args:
        database: Where the histories are.
        accounts: What each is called, by address and user.
        window: The days shown.
        earlier: The days they are compared with; None for nothing.

    Raises:
        DatabaseError: The database cannot be read.
    """
    with database.reading() as connection:
        rows = connection.execute(sa.select(ACCOUNTS.c.id, ACCOUNTS.c.base_url, ACCOUNTS.c.user)).all()
    numbers = {(row.base_url, row.user): row.id for row in rows}
    known = [numbers[key] for key in accounts if key in numbers]
    totals = {
        span: account_totals(database, known, start=span.start, end=span.end, timezone=span.timezone)
        for span in (window, earlier)
        if span is not None
    }
    found = []
    for key, label in accounts.items():
        number = numbers.get(key)
        now = _of_account(totals[window], number, label, window)
        before = None if earlier is None else _of_account(totals[earlier], number, label, earlier)
        notes = None if number is None else Notes(database, number)
        found.append(_summary(label, now, before, notes, totals[window], number, window))
    return found


def _of_account(totals: pd.DataFrame, number: int | None, label: str, window: Window) -> pd.DataFrame:
    """Return the sums of an account as `engagements` of one cadence; empty where there are none."""
    own = totals[totals["account_id"] == number] if number is not None else totals.iloc[:0]
    empty = frames.engagements_frame([])
    if own.empty:
        return empty
    row = own.iloc[0]
    values: dict[str, object] = dict.fromkeys(empty.columns, pd.NA) | {name: row[name] for name in ACCOUNT_COUNTS}
    values |= {"cadence": label, "timezone": window.timezone}
    values |= {"window_start": window.first_instant, "window_end": window.last_instant, "fetched_at": pd.NaT}
    types = {name: kind for name, kind in empty.dtypes.items() if name not in _TIMES}
    return pd.DataFrame([values]).astype(types)


def _summary(
    label: str,
    now: pd.DataFrame,
    before: pd.DataFrame | None,
    notes: Notes | None,
    totals: pd.DataFrame,
    number: int | None,
    window: Window,
) -> AccountSummary:
    levels = Levels.from_json(notes.get(LEVELS_NOTE) if notes else None)
    remembered = notes.get(MEMORY_NOTE) if notes else None
    alerts = None if remembered is None else len(Memory.from_json(remembered).open_cadences)
    synced = (notes.get(SYNC_NOTE) or {}).get("done") if notes else None
    watched = (("bounce_rate", levels.bounces_watch), ("unsubscribe_rate", levels.unsubscribes_watch))
    kept = notes.get(NOTE) if notes else None
    facts = AccountFacts.from_json(kept.get("facts") if isinstance(kept, dict) else None)
    today = datetime.now(ZoneInfo(window.timezone)).date()
    maturing = maturing_since(window, today, facts) is not None
    cards = [] if now.empty else rate_cards(now, before, per="email", maturing=maturing, levels=watched, facts=facts)
    days = totals.loc[totals["account_id"] == number, "days"] if number is not None else totals["days"].iloc[:0]
    return AccountSummary(
        label,
        cards,
        None if now.empty or pd.isna(now["emails_sent"].iloc[0]) else int(now["emails_sent"].iloc[0]),
        int(days.iloc[0]) if len(days) else 0,
        window.days,
        alerts,
        None if synced is None else datetime.fromisoformat(synced).astimezone(UTC),
    )
