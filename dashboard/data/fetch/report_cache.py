"""Klenty's two reports per cadence and window: asked at most once while fresh, kept for all sessions."""

import contextlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.data.cadence_report import CadenceKey, CadenceReport, Key, PeopleNow
from dashboard.data.freshness import CLOCK_TOLERANCE, Freshness
from dashboard.data.history import HistoryArchive
from dashboard.data.windows import Window
from klenty_api import (
    STOPS_EVERYTHING,
    Cadence,
    Cancelled,
    ConnectionFailed,
    EmailEngagement,
    KlentyClient,
    KlentyError,
    NotAnsweringError,
    Outcome,
    Step,
    fan_out,
)

Progress = Callable[[int, int, CadenceReport | None], object]

MOST_REPORTS = 5000
_LOOK_AGAIN_SECONDS = 5.0
STOPS_THE_RUN = STOPS_EVERYTHING
_OF_ANY_AGE = Freshness(fresh=timedelta(days=36_500))


class ReportCache:
    """The answers of one account, for all sessions of this process. Safe to use from many threads.

    Answers are kept in memory while they are good enough (`Freshness`; `fresh_for` instead of its minutes), at most
    `max_reports` of them; failures are kept as well and asked again only after `forget_failures`. With an `archive`,
    what memory does not hold is looked up there before Klenty is asked, and what arrived is put there. Equal questions
    under way at the same time are asked once. With `only_steps` the engagement report is not asked for.
    """

    def __init__(
        self,
        client: KlentyClient,
        *,
        fresh_for: timedelta | None = None,
        max_reports: int = MOST_REPORTS,
        archive: HistoryArchive | None = None,
        only_steps: bool = False,
    ) -> None:
        self._client = client
        self._only_steps = only_steps
        self._archive = archive
        freshness = archive.freshness if archive else Freshness()
        self._freshness = freshness if fresh_for is None else replace(freshness, fresh=fresh_for)
        self._most = max_reports
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, CadenceReport] = OrderedDict()
        self._under_way: dict[Key, _Flight] = {}
        self._people: dict[CadenceKey, PeopleNow] = {}

    def peek(self, cadence: Cadence, window: Window) -> CadenceReport | None:
        """Return the fresh answer for this cadence, if it is there; asks nothing."""
        with self._lock:
            return self._fresh((CadenceKey.of(cadence), window), cadence)

    def load(
        self,
        cadences: Sequence[Cadence],
        windows: Window | Sequence[Window],
        *,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
        again: bool = False,
    ) -> list[CadenceReport]:
        """Return reports of all `cadences` for the first window, then for the next; only what is missing is asked.

        Cadences of one name share one answer, because Klenty is asked by name. `progress(done, total, last)` is
        called in this thread and may raise: what has arrived by then, and what is under way, is still kept. A
        NotAnsweringError that it raises ends the waiting only. A failure becomes that report's error; nothing is
        raised for it. Where there was no connection, an older answer is given if there is one, with the error as
        `not_renewed`. With `again` all of it is asked, whatever is known, as after the clock of this machine was wrong.

        Args:
            cadences: one report of each, for every window.
            windows: one or several.
            progress: called in this thread with done, total and the last report; may raise.
            cancel: when set, what is not begun is not asked.
            again: ask for all of it, whatever is known.
        """
        several = [windows] if isinstance(windows, Window) else list(windows)
        return self.load_each(
            [(cadence, window) for window in several for cadence in cadences],
            progress=progress,
            cancel=cancel,
            again=again,
        )

    def load_each(
        self,
        wanted: Sequence[tuple[Cadence, Window]],
        *,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
        again: bool = False,
    ) -> list[CadenceReport]:
        """Return `load` for cadences that each have a window of their own.

        Args:
            wanted: cadence and window of each report.
            progress: as in `load`.
            cancel: when set, what is not begun is not asked.
            again: as in `load`.
        """
        # What this call found or fetched is what it returns: meanwhile the store may drop, expire or forget it.
        if again:
            self._drop({_key(pair) for pair in wanted})
        came, missing = self._look(wanted)
        if missing and not again and self._archive is not None:
            missing = self._remember(missing, came, self._archive)
        if missing:
            self._fetch(missing, came, progress, cancel, look_again=not again)
            if self._archive is not None:
                self._archive.flush()
        self._fall_back(came)
        return [_for(pair[0], came[_key(pair)]) for pair in wanted]

    def _fall_back(self, came: dict[Key, CadenceReport]) -> None:
        """Replace what failed for want of a connection by an older answer, where there is one."""
        errors = {key: r.engagement_error or r.steps_error for key, r in came.items() if r.failed}
        wanted = {key: error for key, error in errors.items() if isinstance(error, ConnectionFailed)}
        if not wanted or self._archive is None:
            return
        older = self._archive.find(wanted, freshness=_OF_ANY_AGE, only_steps=self._only_steps)
        for key, report in older.items():
            came[key] = replace(report, cadence=came[key].cadence, not_renewed=wanted[key])

    def with_people_now(
        self,
        reports: Sequence[CadenceReport],
        *,
        progress: Callable[[int, int], object] | None = None,
        cancel: threading.Event | None = None,
    ) -> list[CadenceReport]:
        """Return the reports with who is in their cadences now, never older than the freshness.

        "In cadence now" is about now whatever the window, and a window that has settled is never asked again. So
        where no answer of any window is young enough, one call for today is made; where it fails, the count is empty.
        `progress` may raise NotAnsweringError, which ends the waiting.

        Args:
            reports: of one zone.
            progress: called with what is done and what there is; may raise.
            cancel: when set, what is not begun is not asked.
        """
        young = datetime.now(UTC) - self._freshness.fresh
        old = {
            CadenceKey.of(r.cadence): r.cadence for r in reports if r.engagement is not None and r.fetched_at < young
        }
        if not old:
            return list(reports)
        found = self._known_people(old, young)
        timezone = reports[0].window.timezone
        today = datetime.now(ZoneInfo(timezone)).date()
        pairs = [(cadence, Window(today, today, timezone)) for key, cadence in old.items() if key not in found]
        several = by_question(pairs)
        outcomes: list[Outcome[PeopleNow]] = []
        with contextlib.suppress(NotAnsweringError):
            outcomes = fan_out(
                self._people_today, several, workers=self._client.workers, progress=progress, cancel=cancel
            )
        outcomes = outcomes or [Outcome() for _ in several]
        for asked, outcome in zip(several, outcomes, strict=True):
            people = outcome.value or PeopleNow(None, datetime.now(UTC))
            found |= {CadenceKey.of(cadence): people for cadence, _ in asked}
        return [replace(report, people_now=found.get(CadenceKey.of(report.cadence))) for report in reports]

    def _known_people(self, cadences: Mapping[CadenceKey, Cadence], young: datetime) -> dict[CadenceKey, PeopleNow]:
        found: dict[CadenceKey, PeopleNow] = {}
        if self._archive is not None:
            found = self._archive.read(lambda history: history.people_now(cadences.values(), since=young)) or {}
        with self._lock:
            kept = [(r.key[0], PeopleNow(r.engagement.in_cadence_now, r.fetched_at))
                    for r in self._kept.values() if r.engagement is not None]  # fmt: skip
            kept += self._people.items()
        for key, people in kept:
            if key in cadences and people.at >= young and (key not in found or found[key].at < people.at):
                found[key] = people
        return found

    def _people_today(self, pairs: Sequence[tuple[Cadence, Window]]) -> PeopleNow:
        cadence, today = pairs[0]
        answer = self._client.engagements.email(cadence.name or "", today.first_instant, today.last_instant)
        people = PeopleNow(answer.in_cadence_now, datetime.now(UTC))
        with self._lock:
            self._people |= {CadenceKey.of(each): people for each, _ in pairs}
        return people

    def forget_failures(self, cadence: Cadence | None = None, window: Window | None = None) -> None:
        """Drop failures that are kept, of one cadence or window or of all, so that Klenty is asked again."""
        with self._lock:
            for key, report in list(self._kept.items()):
                of_cadence = cadence is None or key[0] == CadenceKey.of(cadence)
                of_window = window is None or key[1] == window
                if of_cadence and of_window and (report.failed or report.partial):
                    del self._kept[key]

    def _drop(self, keys: Collection[Key]) -> None:
        with self._lock:
            for key in keys:
                self._kept.pop(key, None)

    def _look(
        self, wanted: Sequence[tuple[Cadence, Window]]
    ) -> tuple[dict[Key, CadenceReport], list[tuple[Cadence, Window]]]:
        """Return what is there and fresh, and what has to be asked; equal names and windows once."""
        came: dict[Key, CadenceReport] = {}
        missing: dict[Key, tuple[Cadence, Window]] = {}
        with self._lock:
            for cadence, window in wanted:
                key = (CadenceKey.of(cadence), window)
                if key in came or key in missing:
                    continue
                kept = self._fresh(key, cadence)
                if kept is None:
                    missing[key] = (cadence, window)
                else:
                    came[key] = kept
        return came, list(missing.values())

    def _remember(
        self, missing: Sequence[tuple[Cadence, Window]], came: dict[Key, CadenceReport], archive: HistoryArchive
    ) -> list[tuple[Cadence, Window]]:
        """Take from the archive what it has, and give back what still has to be asked."""
        keys = [_key(pair) for pair in missing]
        found = archive.find(keys, freshness=self._freshness, only_steps=self._only_steps)
        for cadence, window in missing:
            key = (CadenceKey.of(cadence), window)
            if key in found and key not in came:
                # Memory has the cadence as it is listed now, not as it was when the answer arrived.
                came[key] = replace(found[key], cadence=cadence)
                self._memoise(came[key])
        return [pair for pair in missing if _key(pair) not in came]

    def _fetch(
        self,
        missing: Sequence[tuple[Cadence, Window]],
        came: dict[Key, CadenceReport],
        progress: Progress | None,
        cancel: threading.Event | None,
        *,
        look_again: bool,
    ) -> None:
        last: list[CadenceReport] = []
        looked = time.monotonic()

        def one(pairs: list[tuple[Cadence, Window]]) -> CadenceReport:
            nonlocal looked
            if look_again and self._archive is not None and time.monotonic() - looked > _LOOK_AGAIN_SECONDS:
                looked = time.monotonic()  # others go on meanwhile
                self._remember([other for other in missing if _key(other) not in came], came, self._archive)
            report = came.get(_key(pairs[0])) or self.ask_once(*pairs[0])
            self._share(report, pairs, came)
            last[:] = [report]
            # The key is refused for all alike: say so to the fan-out, which then asks no further.
            for error in (report.engagement_error, report.steps_error):
                if isinstance(error, STOPS_THE_RUN):
                    raise error
            return report

        def tell(done: int, total: int) -> None:
            (progress or _silent)(done, total, last[0] if last else None)

        several = by_question(missing)
        try:
            outcomes = fan_out(one, several, workers=self._client.workers, progress=tell, cancel=cancel)
        except NotAnsweringError as silence:  # raised by `progress`: calls under way go on, nobody waits for them
            came |= {_key(pair): _failure(*pair, silence) for pair in missing if _key(pair) not in came}
            return
        refused = any(isinstance(outcome.error, STOPS_THE_RUN) for outcome in outcomes)
        stopped = [
            (pair, outcome.error)
            for pairs, outcome in zip(several, outcomes, strict=True)
            if isinstance(outcome.error, Cancelled)
            for pair in pairs
        ]
        silent = next((outcome.error for outcome in outcomes if isinstance(outcome.error, NotAnsweringError)), None)
        for pair, error in stopped:
            failure = came[_key(pair)] = _failure(*pair, silent or error)
            # After a refused key the others would fail as well. What a person cancelled is no answer: another session,
            # or the same one later, asks for it.
            if refused:
                self._memoise(failure, unless_kept=True)

    def _share(
        self, report: CadenceReport, pairs: Sequence[tuple[Cadence, Window]], came: dict[Key, CadenceReport]
    ) -> None:
        """Give an answer to all cadences of its name: nobody knows which of them Klenty meant."""
        came[_key(pairs[0])] = report
        for pair in pairs[1:]:
            if _key(pair) not in came:
                shared = came[_key(pair)] = _for(pair[0], report)
                self._memoise(shared)
                if self._archive is not None:
                    self._archive.put(shared)

    def ask_once(self, cadence: Cadence, window: Window, *, keep: bool = True) -> CadenceReport:
        """Return the answer, asked by this thread or awaited from another that asks the same.

        Without `keep` it stays neither in memory nor in the archive: who asks for it puts it where it belongs. Raises
        `Cancelled` when it was stopped.

        Args:
            cadence: asked for by its name.
            window: the days.
            keep: whether memory and archive keep the answer.
        """
        key = _key((cadence, window))
        while True:
            with self._lock:
                kept = self._fresh(key, cadence)
                # A failure stays where a page shows it, until somebody asks again; who keeps no answers does.
                if kept is not None and (keep or not (kept.failed or kept.partial)):
                    return kept
                others = self._under_way.get(key)
                if others is None:
                    mine = self._under_way[key] = _Flight()
                    break
            others.landed.wait()
            if others.report is not None:
                if keep:
                    self._memoise(others.report)  # who asked may not have
                return _for(cadence, others.report)
        try:
            report = ask(self._client, cadence, window, only_steps=self._only_steps)
            stopped = next((e for e in (report.engagement_error, report.steps_error) if isinstance(e, Cancelled)), None)
            if stopped is None:
                mine.report = report
                if keep:
                    self._memoise(report)
            if keep and self._archive is not None:
                self._archive.put(report)
            if stopped is not None:  # cancelled: do not share; a waiting thread asks again
                raise stopped
            return report
        finally:
            with self._lock:
                del self._under_way[key]
            mine.landed.set()

    def _memoise(self, report: CadenceReport, *, unless_kept: bool = False) -> None:
        key = report.key
        with self._lock:
            if unless_kept and key in self._kept:
                return
            self._kept[key] = report
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def _fresh(self, key: Key, cadence: Cadence) -> CadenceReport | None:
        report = self._kept.get(key)
        if report is None:
            return None
        if not report.failed and not self._is_good_enough(report):
            return None
        self._kept.move_to_end(key)
        return _for(cadence, report)

    def _is_good_enough(self, report: CadenceReport) -> bool:
        now = datetime.now(UTC)
        if report.partial:  # what is missing may come, however long the window has been over
            return -CLOCK_TOLERANCE <= now - report.fetched_at <= self._freshness.fresh
        return self._freshness.lasts(report.window, report.fetched_at, now)


def ask(client: KlentyClient, cadence: Cadence, window: Window, *, only_steps: bool = False) -> CadenceReport:
    """Return both reports of a cadence (or its steps alone), asked now; what fails is in the report.

    Args:
        client: of the account.
        cadence: asked for by its name.
        window: the days.
        only_steps: leave out the engagement report.
    """
    began = time.monotonic()
    name, start, end = cadence.name or "", window.first_instant, window.last_instant
    engagement: EmailEngagement | None = None
    steps: tuple[Step, ...] | None = None
    engagement_error: KlentyError | None = None
    steps_error: KlentyError | None = None
    try:
        if not only_steps:
            engagement = client.engagements.email(name, start, end)
    except KlentyError as error:
        engagement_error = error
    if isinstance(engagement_error, STOPS_THE_RUN):
        steps_error = engagement_error
    else:
        try:
            steps = tuple(client.engagements.stepwise(name, start, end))
        except KlentyError as error:
            steps_error = error
    seconds = time.monotonic() - began
    return CadenceReport(cadence, window, engagement, steps, engagement_error, steps_error, datetime.now(UTC), seconds)


def _silent(_done: int, _total: int, _last: CadenceReport | None) -> None:
    """Tell nobody."""


def by_question(pairs: Sequence[tuple[Cadence, Window]]) -> list[list[tuple[Cadence, Window]]]:
    """Return the pairs, those together that are one question to Klenty: it is asked by name."""
    found: dict[tuple[str, Window], list[tuple[Cadence, Window]]] = {}
    for cadence, window in pairs:
        found.setdefault((cadence.name or "", window), []).append((cadence, window))
    return list(found.values())


def _key(pair: tuple[Cadence, Window]) -> Key:
    return CadenceKey.of(pair[0]), pair[1]


class _Flight:
    """A question under way: `landed` is set when it has ended, with its `report` unless it broke."""

    def __init__(self) -> None:
        self.landed = threading.Event()
        self.report: CadenceReport | None = None


def _for(cadence: Cadence, report: CadenceReport) -> CadenceReport:
    """Return the answer to a name, shown for this one of the cadences that bear it."""
    return report if report.cadence == cadence else replace(report, cadence=cadence)


def _failure(cadence: Cadence, window: Window, error: KlentyError) -> CadenceReport:
    return CadenceReport(cadence, window, None, None, error, error, datetime.now(UTC), 0.0)


def list_cadences(client: KlentyClient, archive: HistoryArchive | None = None) -> list[Cadence]:
    """Return the account's cadences by name, signs in front of it not counted; equal names side by side.

    With `archive` it is noted which cadence has which name, so that answers stay with the cadence they are about.
    Raises `KlentyError`.
    """
    asked_at = datetime.now(UTC)
    found = sorted(client.cadences.list(), key=_by_name)
    if archive is not None:
        archive.read(lambda history: history.record_listing(found, asked_at))
    return found


def _by_name(cadence: Cadence) -> tuple[str, str, str]:
    name = (cadence.name or "").casefold()
    return name.lstrip("=+-@#'\"“„«([{<*_. "), name, cadence.id or ""


def cadence_from_name(name: str) -> Cadence:
    """Return a cadence of which only the name is known, because a person typed it."""
    return Cadence(id=None, name=name, owner=None, is_active=None, created=None)
