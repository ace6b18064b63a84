"""Filling the history: what is missing is asked, what is there is not, and every answer is kept as it comes."""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dashboard.data.cadence_report import CadenceKey, CadenceReport
from dashboard.data.database.leases import Lease, Leases
from dashboard.data.database.tables import ENGAGEMENT_COUNTS
from dashboard.data.fetch.report_cache import STOPS_THE_RUN, ReportCache, ask, by_question, list_cadences
from dashboard.data.frames import engagement_counts
from dashboard.data.freshness import AskedSince, Freshness, ThinnedFreshness
from dashboard.data.history import History, HistoryArchive
from dashboard.data.history.history import is_silent
from dashboard.data.windows import Window, buckets
from klenty_api import Cadence, Cancelled, ConnectionFailed, KlentyClient, KlentyError, fan_out
from klenty_api.errors import DeadlineExceeded

_MARGIN = timedelta(minutes=5)
_FEWEST_DAYS = 28
_CLAIM_LASTS = timedelta(seconds=20)  # a process that was killed keeps others from its share for so long
_SHARE_WINDOWS = 25  # what is claimed at once: small enough to divide the work of one cadence
_LOOK_SECONDS = 1.0
SILENCE_SECONDS = 75.0
"""How long no answer may come before a sync gives up; with the calls under way it ends within two minutes."""


@dataclass(frozen=True)
class SyncResult:
    """What became of a run: windows `there` already, `asked` with an answer, and those of which one failed.

    `refused` is set when the rest was not tried: Klenty refuses key or user, or does not answer at all.
    """

    there: int
    asked: int
    failed: list[CadenceReport]
    refused: KlentyError | None = None


class _Question(NamedTuple):
    """One question to Klenty, the cadences it is about, and the share of the work that it belongs to."""

    pairs: list[tuple[Cadence, Window]]
    share: str


class _NoAnswerError(Exception):
    """Nothing has come for too long."""


def sync(
    client: KlentyClient,
    history: History,
    cadences: Sequence[Cadence],
    windows: Sequence[Window],
    *,
    store: ReportCache | None = None,
    progress: Callable[[int, int], object] | None = None,
    cancel: threading.Event | None = None,
    again_since: datetime | None = None,
) -> SyncResult:
    """Ask Klenty for every cadence and window that the history has no good answer to, and keep the answers.

    It may be killed at any point and begun again. Several processes may do it at once: each claims a share of what is
    missing, and takes over what another one leaves. Windows that have ended are asked again at the ages of
    `ThinnedFreshness`; with `again_since` whatever was not asked since then (an aware time), settled or not.
    `progress(done, total)` is called in this thread. With a `store` of this process, what pages are asking at the
    moment is not asked twice. `cancel` ends it early, and is never set here. Raises `DatabaseError` when the history
    cannot be used; what arrived until then is kept.

    Args:
        client: of the account.
        history: keeps the answers.
        cadences: wanted in every window.
        windows: wanted of every cadence.
        store: the pages' memory, asked first.
        progress: called with what is done and what there is; may raise.
        cancel: when set, what is not begun is not asked.
        again_since: answers from before it are asked again (aware).
    """
    rule = AskedSince(since=again_since) if again_since is not None else ThinnedFreshness.of(history.freshness)
    missing = history.missing(cadences, windows, freshness=rule)
    total = len({CadenceKey.of(cadence) for cadence in cadences}) * len(windows)
    run = _Run(client, history, rule, store, total - len(missing), total)
    leases = Leases(history.database, lasts=_CLAIM_LASTS)
    try:
        with leases.held():
            open_questions = _in_shares(history.account, missing)
            while open_questions:
                open_questions = run.ask(open_questions, leases, progress, cancel)
    finally:
        run.archive.flush()
    if run.archive.error is not None:
        raise run.archive.error
    done = run.result()
    if done.asked and done.refused is None:
        with contextlib.suppress(KlentyError):  # then the next listing has to do
            list_cadences(client, run.archive)  # confirms whose the names were while they were asked by
    return done


def _in_shares(account: int, missing: Sequence[tuple[Cadence, Window]]) -> list[_Question]:
    """Return what is to be asked, the shares in random order: each process goes its own way through them."""
    shares: dict[str, list[_Question]] = {}
    for pairs in by_question(missing):
        cadence, window = pairs[0]
        name = (
            f"windows of account {account}: {cadence.id or cadence.name} {window.start.toordinal() // _SHARE_WINDOWS}"
        )
        shares.setdefault(name, []).append(_Question(pairs, name))
    several = list(shares.values())
    random.shuffle(several)
    return [question for share in several for question in share]


class _Run:
    """One run of `sync`: what it asked, and what it led to."""

    def __init__(
        self,
        client: KlentyClient,
        history: History,
        rule: Freshness,
        store: ReportCache | None,
        there: int,
        total: int,
    ) -> None:
        self.archive = HistoryArchive.over(history)
        self._client, self._history, self._rule, self._store = client, history, rule, store
        self._there, self._total = there, total
        self._asked = 0
        self._failed: list[CadenceReport] = []
        self._refused: KlentyError | None = None
        self._stop = threading.Event()  # not the caller's, which may end more than this run
        self._heard = time.monotonic()
        self._lock = threading.Lock()
        self._claims: dict[str, bool] = {}

    def result(self) -> SyncResult:
        """Return what became of it."""
        return SyncResult(self._there, self._asked, self._failed, self._refused)

    def ask(
        self,
        questions: list[_Question],
        leases: Leases,
        progress: Callable[[int, int], object] | None,
        cancel: threading.Event | None,
    ) -> list[_Question]:
        """Ask what nobody else has claimed, and return what others had claimed and is still missing."""
        self._claims, before = {}, self._there + self._asked

        def tell(done: int, _total: int) -> None:
            if cancel is not None and cancel.is_set():
                self._stop.set()
            if time.monotonic() - self._heard > SILENCE_SECONDS:
                raise _NoAnswerError
            if progress is not None:
                progress(min(before + done, self._total), self._total)

        try:
            outcomes = fan_out(
                lambda question: self._one(question, leases),
                questions,
                workers=self._client.workers,
                progress=tell,
                cancel=self._stop,
            )
        except _NoAnswerError:
            self._refused = DeadlineExceeded("Klenty has not answered for over a minute: nothing more was asked")
            return []
        self.archive.flush()
        errors = [outcome.error for outcome in outcomes if outcome.error is not None]
        self._refused = next((error for error in errors if not isinstance(error, Cancelled)), None)
        if errors or self._stop.is_set():
            return []
        others = [question for question in questions if not self._claims.get(question.share)]
        left = self._still_missing(others)
        if left and len(left) == len(questions):
            self._stop.wait(_LOOK_SECONDS)
        return left

    def _still_missing(self, questions: Sequence[_Question]) -> list[_Question]:
        cadences = {CadenceKey.of(cadence): cadence for question in questions for cadence, _ in question.pairs}
        windows = {window for question in questions for _, window in question.pairs}
        found = self._history.missing(cadences.values(), windows, freshness=self._rule)
        open_pairs = {(CadenceKey.of(cadence), window) for cadence, window in found}
        left = []
        for question in questions:
            missing = [pair for pair in question.pairs if (CadenceKey.of(pair[0]), pair[1]) in open_pairs]
            self._there += len(question.pairs) - len(missing)
            if missing:
                left.append(_Question(missing, question.share))
        return left

    def _is_missing(self, pair: tuple[Cadence, Window]) -> bool:
        return bool(self._history.missing([pair[0]], [pair[1]], freshness=self._rule))

    def _one(self, question: _Question, leases: Leases) -> None:
        with self._lock:  # one thread claims a share for all of them
            if question.share not in self._claims:
                self._claims[question.share] = leases.take(question.share)
        if not self._claims[question.share]:
            return
        if not any(map(self._is_missing, question.pairs)):
            with self._lock:
                self._there += len(question.pairs)
            return
        pair = question.pairs[0]
        report = ask(self._client, *pair) if self._store is None else self._store.ask_once(*pair, keep=False)
        for error in (report.engagement_error, report.steps_error):
            if isinstance(error, (*STOPS_THE_RUN, Cancelled)):  # Cancelled: another call ended the run
                raise error
        for cadence, _ in question.pairs:  # nobody knows which of those that share a name Klenty meant
            self.archive.put(replace(report, cadence=cadence))
        if self.archive.problem:  # no point in fetching more
            self._stop.set()
        with self._lock:
            failed = report.engagement_error or report.steps_error
            if not (report.failed and isinstance(failed, ConnectionFailed)):
                self._heard = time.monotonic()
            if failed:
                self._failed += [_light(replace(report, cadence=cadence)) for cadence, _ in question.pairs]
            else:
                self._asked += len(question.pairs)


def _light(report: CadenceReport) -> CadenceReport:
    """Return a report without what arrived: hundreds of thousands of options need not stay in memory."""
    return replace(report, engagement=None, steps=None)


class AutoSync:
    """Fetches the latest days of one account again and again; of several processes one does it at a time.

    Days until they have settled, four weeks at least, of all cadences that are not finished and in which something
    happened within these days.
    """

    def __init__(
        self,
        client: KlentyClient,
        history: History,
        *,
        timezone: str,
        every: timedelta,
        store: ReportCache | None = None,
    ) -> None:
        self._client = client
        self._store = store
        self._history = history
        self._timezone = timezone
        self._every = every
        self._lease = Lease(history.database, f"sync of account {history.account}", lasts=every + _MARGIN)

    def once(self, cancel: threading.Event | None = None) -> SyncResult | None:
        """Do it now, until `cancel` is set; None when another process does.

        Raises `DatabaseError` or `KlentyError`.
        """
        if not self._lease.take():
            return None
        listed = list_cadences(self._client, HistoryArchive.over(self._history))
        cadences = [c for c in listed if c.name and c.is_active is not False]
        yesterday = datetime.now(ZoneInfo(self._timezone)).date() - timedelta(days=1)
        days = max(_FEWEST_DAYS, self._history.freshness.settling.days + 2)
        stop, renewed = threading.Event(), [datetime.now(UTC)]

        def renew(_done: int, _total: int) -> None:
            now = datetime.now(UTC)
            if cancel is not None and cancel.is_set():
                stop.set()
            if now - renewed[0] > self._every / 4:
                renewed[0] = now
                if not self._lease.take():  # it was lost meanwhile, as after a machine has slept
                    stop.set()

        first = yesterday - timedelta(days=days - 1)
        lively = self._lively(cadences, Window(first, yesterday, self._timezone), renew, stop)
        windows = buckets(first, yesterday, "day", self._timezone)
        return sync(self._client, self._history, lively, windows, store=self._store, progress=renew, cancel=stop)

    def _lively(
        self,
        cadences: Sequence[Cadence],
        window: Window,
        progress: Callable[[int, int], object],
        stop: threading.Event,
    ) -> list[Cadence]:
        """Return those that are not silent over the whole window: one call once a day tells, instead of two for each
        day."""
        midnight = datetime.combine(window.end + timedelta(days=1), datetime.min.time(), ZoneInfo(self._timezone))
        known = self._history.are_silent(cadences, window, since=midnight)

        def one(cadence: Cadence) -> bool:
            start, end = window.first_instant, window.last_instant
            began = time.monotonic()
            answer = self._client.engagements.email(cadence.name or "", start, end)
            seconds = time.monotonic() - began
            report = CadenceReport(cadence, window, answer, None, None, None, datetime.now(UTC), seconds)
            self._history.save([report])
            counts = zip(ENGAGEMENT_COUNTS, engagement_counts(answer, None)[0], strict=True)
            return is_silent([count for name, count in counts if name != "in_cadence_now"])

        unknown = [cadence for cadence in cadences if CadenceKey.of(cadence) not in known]
        outcomes = fan_out(one, unknown, workers=self._client.workers, progress=progress, cancel=stop)
        for cadence, outcome in zip(unknown, outcomes, strict=True):
            if outcome.value is not None:
                known[CadenceKey.of(cadence)] = outcome.value
        return [cadence for cadence in cadences if not known.get(CadenceKey.of(cadence), False)]
