"""Filling the history: what is missing is asked, what is there is not, and every answer is kept as it comes."""

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.data.cadence_report import CadenceReport
from dashboard.data.database.leases import Lease
from dashboard.data.fetch.report_cache import STOPS_THE_RUN, ReportCache, ask, list_cadences
from dashboard.data.history import History, HistoryArchive
from dashboard.data.windows import Window, buckets
from klenty_api import Cadence, Cancelled, KlentyClient, KlentyError, fan_out

_MARGIN = timedelta(minutes=5)
_FEWEST_DAYS = 28


@dataclass(frozen=True)
class SyncResult:
    """What became of a run: windows `there` already, `asked` with an answer, and those of which one failed.

    `refused` is set when Klenty refuses key or user: then the rest was not tried.
    """

    there: int
    asked: int
    failed: list[CadenceReport]
    refused: KlentyError | None = None


def sync(
    client: KlentyClient,
    history: History,
    cadences: Sequence[Cadence],
    windows: Sequence[Window],
    *,
    store: ReportCache | None = None,
    progress: Callable[[int, int], object] | None = None,
    cancel: threading.Event | None = None,
) -> SyncResult:
    """Ask Klenty for every cadence and window that the history has no good answer to, and keep the answers.

    It may be killed at any point and begun again. Several processes may do it at once: each goes its own way through
    what is missing, and looks once more just before it asks. `progress(done, total)` is called in this thread.
    With a `store` of this process, what pages are asking at the moment is not asked beside them.
    `cancel` ends it early, and is never set here. Raises `DatabaseError` when the history cannot be used; what came
    until then is kept.
    """
    missing = history.missing(cadences, windows)
    total = len({cadence.name for cadence in cadences}) * len(windows)
    there = total - len(missing)
    random.shuffle(missing)
    archive, stop = HistoryArchive.over(history), threading.Event()  # not `cancel`, which may end more than this run

    def one(pair: tuple[Cadence, Window]) -> CadenceReport | None:
        if not history.missing([pair[0]], [pair[1]]):
            return None
        report = ask(client, *pair) if store is None else store.ask_once(*pair, keep=False)
        for error in (report.engagement_error, report.steps_error):
            if isinstance(error, STOPS_THE_RUN):
                raise error
        archive.put(report)
        if archive.problem:  # asking on would be in vain
            stop.set()
        return _light(report)

    def tell(done: int, _total: int) -> None:
        if cancel is not None and cancel.is_set():
            stop.set()
        if progress is not None:
            progress(there + done, total)

    try:
        outcomes = fan_out(one, missing, workers=client.workers, progress=tell, cancel=stop)
    finally:
        archive.flush()
    if archive.error is not None:
        raise archive.error
    refused = next((o.error for o in outcomes if o.error and not isinstance(o.error, Cancelled)), None)
    reports = [outcome.value for outcome in outcomes if outcome.value is not None]
    failed = [report for report in reports if report.engagement_error or report.steps_error]
    others = sum(outcome.ok and outcome.value is None for outcome in outcomes)
    return SyncResult(there + others, len(reports) - len(failed), failed, refused)


def _light(report: CadenceReport) -> CadenceReport:
    """A report without what came: hundreds of thousands of options need not stay in memory."""
    return CadenceReport(
        report.cadence, report.window, None, None, report.engagement_error, report.steps_error, report.fetched_at,
        report.seconds,
    )  # fmt: skip


class AutoSync:
    """Fetches the latest days of one account again and again; of several processes one does it at a time.

    Days until they have settled, four weeks at least, of all cadences that are not finished.
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
        cadences = [c for c in list_cadences(self._client) if c.name and c.is_active is not False]
        yesterday = datetime.now(ZoneInfo(self._timezone)).date() - timedelta(days=1)
        days = max(_FEWEST_DAYS, self._history.freshness.settling.days + 2)
        windows = buckets(yesterday - timedelta(days=days - 1), yesterday, "day", self._timezone)
        stop, renewed = threading.Event(), [datetime.now(UTC)]

        def renew(_done: int, _total: int) -> None:
            now = datetime.now(UTC)
            if cancel is not None and cancel.is_set():
                stop.set()
            if now - renewed[0] > self._every / 4:
                renewed[0] = now
                if not self._lease.take():  # it was lost meanwhile, as after a machine has slept
                    stop.set()

        return sync(self._client, self._history, cadences, windows, store=self._store, progress=renew, cancel=stop)
