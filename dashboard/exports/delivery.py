"""Send saved views: what is due, and new alerts at once. One process does it at a time, each time once."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from dashboard.analysis.metrics import METRICS, PER_LABELS, Per
from dashboard.analysis.performance.rate_cards import RateCard, rate_cards
from dashboard.analysis.watch_list import watch_list
from dashboard.analysis.watch_list.alarms import DAYS_NEEDED
from dashboard.data import frames
from dashboard.data.database import DatabaseError
from dashboard.data.database.leases import Lease
from dashboard.data.fetch.report_cache import list_cadences
from dashboard.data.history import History
from dashboard.data.history.deliveries import CHANNELS, DELIVERS, Deliveries, Delivery, State
from dashboard.data.history.saved_views import SavedViews
from dashboard.data.roles import Person, accounts_of, role_now
from dashboard.data.saved_view import SavedView, choice_of
from dashboard.data.windows import preset_window
from dashboard.exports import chat, mail
from dashboard.exports.collect import Gathered, asked_for, gather
from dashboard.exports.formats import Format, files
from dashboard.exports.review import Review, review
from dashboard.services.account import AccountServices
from dashboard.services.auto_sync import SYNC_NOTE
from dashboard.settings import MailServer, SettingsError, load_mail_server, load_settings
from klenty_api import Cadence, KlentyError

log = logging.getLogger("dashboard")

ALERTS_APART: Final = timedelta(hours=1)
_RETRIES: Final = (timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1))
_PER: Final[Mapping[str, Per]] = {label: key for key, label in PER_LABELS.items()}
_LEASE: Final = timedelta(minutes=10)
_LOOK_SECONDS: Final = 60.0
_NO_MAIL: Final = "No mail server is set: KLENTY_SMTP_HOST and KLENTY_SMTP_FROM."
Wait = Callable[[float], object]


@dataclass(frozen=True)
class Outcome:
    """How a run ended, in words; `again_after` are the seconds after which another try may help."""

    state: State
    message: str
    again_after: float | None = None


def run(stop: threading.Event, account_of: Callable[[str], AccountServices]) -> None:
    """Send what is due of every account, once a minute until `stop` is set. Failures are logged, and on the page.

    Args:
        stop: Ends it.
        account_of: Returns the services of an account by name.
    """
    while not stop.wait(_LOOK_SECONDS):
        for name in load_settings().account_names:
            try:
                deliver_due(account_of(name), wait=stop.wait)
            except (DatabaseError, KlentyError) as error:
                log.warning("deliveries could not be made: %s", error)
            except Exception as error:  # noqa: BLE001  # no other one may end the deliveries; texts may hold a hook's address
                log.error("deliveries could not be made: %s", type(error).__name__)  # noqa: TRY400


def deliver_due(services: AccountServices, now: datetime | None = None, *, wait: Wait = time.sleep) -> list[Outcome]:
    """Send everything that is due, missed times once; return the outcomes. Nothing while another process does it.

    Args:
        services: Of the account.
        now: The present time (aware).
        wait: Called with seconds between two tries.

    Raises:
        DatabaseError: The database cannot be used.
        KlentyError: The list of cadences did not come.
    """
    history = services.history
    if history is None:
        return []
    known = Deliveries(history.database, history.account)
    waiting = [delivery for delivery in known.all() if _due(delivery, now or datetime.now(UTC)) is not None]
    lease = Lease(history.database, f"deliveries of account {history.account}", lasts=_LEASE)
    if not waiting or not lease.take():
        return []
    try:
        cadences = list_cadences(services.client, services.archive)
        outcomes = []
        for delivery in waiting:
            due = _due(delivery, now or datetime.now(UTC))
            lease.take()
            if due is not None:
                outcomes.append(_deliver(services, history, delivery, cadences, due, wait))
        return [outcome for outcome in outcomes if outcome is not None]
    finally:
        lease.give_back()


def deliver_now(services: AccountServices, delivery: Delivery) -> Outcome:
    """Send a delivery at this moment, whenever it is due. Raises as `deliver_due` does."""
    history = services.history
    if history is None:
        return Outcome("refused", "The database cannot be used.")
    cadences, now = list_cadences(services.client, services.archive), datetime.now(UTC)
    found = _deliver(services, history, delivery, cadences, now, time.sleep, is_asked_for=True)
    return found or Outcome("refused", "Another process is sending it at this moment.")


def _due(delivery: Delivery, now: datetime) -> datetime | None:
    """Return the moment of a run that is due and not dealt with; None without one."""
    handled = delivery.handled or now
    if delivery.schedule is None:
        return now if delivery.told is None or now - handled >= ALERTS_APART else None
    latest = delivery.schedule.latest(now)
    if latest > handled:
        return latest
    retry = (delivery.told or {}).get("retry")
    return now if retry and now >= datetime.fromisoformat(retry["at"]) else None


def _deliver(
    services: AccountServices,
    history: History,
    delivery: Delivery,
    cadences: Sequence[Cadence],
    due: datetime,
    wait: Wait,
    *,
    is_asked_for: bool = False,
) -> Outcome | None:
    known = Deliveries(history.database, history.account)
    view = SavedViews(history.database, history.account).find(delivery.view)
    if view is None:
        return None
    news: Mapping[str, Any] | None = None
    told: Mapping[str, Any] = {}
    if delivery.schedule is None:
        news, told = _news(services, history, delivery, cadences, view)
        if not news and not is_asked_for:
            known.looked(delivery, due, told)
            return None
    run = known.claim(delivery, due)
    if run is None:
        return None
    try:
        outcome = _refusal(services, delivery) or _send(services, delivery, view, cadences, news, wait)
    except Exception:
        known.end(run, "refused", "The report could not be made; the dashboard's log has the details.")
        raise
    tries = 0 if news is not None else _tries(delivery, due)
    if news is None and (outcome.again_after is None or tries == len(_RETRIES)):
        known.tell(delivery, {})
    elif news is None:
        at = datetime.now(UTC) + max(timedelta(seconds=outcome.again_after or 0), _RETRIES[tries])
        known.tell(delivery, {"retry": {"at": at.isoformat(), "tries": tries + 1}})
        outcome = replace(outcome, message=f"{outcome.message} It is tried again at {at:%H:%M} UTC.")
    known.end(run, outcome.state, outcome.message)
    if news is not None and outcome.state != "refused":  # what did not arrive is news the next time, too
        known.tell(delivery, told)
    return outcome


def _tries(delivery: Delivery, due: datetime) -> int:
    """Return how often the run that is due was tried again already: a time of the schedule begins at none."""
    retry = (delivery.told or {}).get("retry")
    is_retry = retry is not None and delivery.schedule is not None and delivery.schedule.latest(due) != due
    return int(retry["tries"]) if retry is not None and is_retry else 0


def _refusal(services: AccountServices, delivery: Delivery) -> Outcome | None:
    """Return why nothing is sent for a person who may not deliver, or see the account, any more; None when they may."""
    if not delivery.person:
        return None  # set up without sign-in, by the person at the machine
    role, name = role_now(Person(delivery.person, DELIVERS)), services.account.name
    person = Person(delivery.person, role)
    if role is not None and role >= DELIVERS and (not name or name in accounts_of(person, services.settings)):
        return None
    return Outcome("refused", "Not sent: the role of the person who set it up does not allow it any more.")


def _send(
    services: AccountServices,
    delivery: Delivery,
    view: SavedView,
    cadences: Sequence[Cadence],
    news: Mapping[str, Any] | None,
    wait: Wait,
) -> Outcome:
    made_at = datetime.now(UTC)
    zone = services.settings.timezone
    choice = choice_of(view.query, cadences, timezone=zone, today=datetime.now(ZoneInfo(zone)).date())
    if not choice.cadences:
        return Outcome("refused", "No cadence of the view is there any more.")
    per = _PER.get(next(iter(view.query.get("per", ())), ""), "contacted")
    asked = asked_for(services, choice.cadences, cadences, choice.window, choice.earlier, per=per, is_all=choice.is_all)
    gathered = gather(asked, services.reports, services.lifetime)
    made = review(gathered, made_at=made_at)
    missing = [f"“{name}” is no cadence any more." for name in choice.unknown]
    missing += [str(text) for text in (news or {}).values()]
    message = _message(made, gathered, view, services.settings.public_url or "", missing)
    if delivery.channel == "mail":
        return _mail(made, gathered, delivery, message, made_at)
    try:
        chat.post(delivery.target, chat.payload(delivery.channel, message), wait=wait)
    except chat.ChatError as problem:
        return Outcome("refused" if problem.outcome_known else "unknown", str(problem), problem.again_after)
    return Outcome("done", f"{CHANNELS[delivery.channel]} took the message.")


def _mail(made: Review, gathered: Gathered, delivery: Delivery, message: chat.Message, made_at: datetime) -> Outcome:
    try:
        server: MailServer = load_mail_server()
    except SettingsError as problem:
        return Outcome("refused", f"{_NO_MAIL} {problem}")
    formats: list[Format] = [kind for kind in ("html", "xlsx") if kind in delivery.attached]
    to = [part.strip() for part in delivery.target.split(",")]
    letter = mail.compose(made, files(gathered, formats, made_at=made_at), sender=server.sender, to=to, message=message)
    try:
        mail.send(letter, server)
    except mail.MailServerDownError as problem:
        return Outcome("refused", str(problem), 0.0)
    except mail.MailNotSentError as problem:
        return Outcome("refused" if problem.outcome_known else "unknown", str(problem))
    return Outcome("done", f"The mail server took the mail for {len(to)}.")


def _message(made: Review, gathered: Gathered, view: SavedView, public_url: str, more: Sequence[str]) -> chat.Message:
    decisions = [(text, "") for text in more]
    for point in made.points:
        url = f"{public_url}/cadence?{urlencode({'focus': point.cadence})}" if public_url else ""
        decisions.append((f"{point.cadence}: {point.text}", url))
    place = view.place.removesuffix(".py").removesuffix("_page")
    path = "" if place == "overview" else place
    query = urlencode({key: list(values) for key, values in view.query.items()}, doseq=True)
    link = f"{public_url}/{path}?{query}" if public_url else ""
    figures = [_figure(card) for card in _cards(gathered)]
    sentence = made.sentence if made.figures else "No cadence gave figures for this range."
    return chat.Message(f"{view.name}: {gathered.asked.window.short()}", sentence, figures, decisions, link)


def _cards(gathered: Gathered) -> list[RateCard]:
    """Return the five figures of the Overview."""
    asked = gathered.asked
    now, before = (frames.engagements_frame(reports) for reports in (gathered.reports, gathered.earlier))
    if now.empty:
        return []
    levels = (("bounce_rate", asked.levels.bounces_watch), ("unsubscribe_rate", asked.levels.unsubscribes_watch))
    return rate_cards(
        now,
        None if before.empty else before,
        per=asked.per,
        maturing=asked.maturing,
        levels=levels,
        facts=asked.facts,
        weeks=asked.weeks,
    )


def _figure(card: RateCard) -> tuple[str, str, str]:
    counts = f" ({card.pair.events:,} of {card.pair.trials:,})" if card.pair else ""
    return card.label, f"{card.value}{counts}", card.chip.text if card.chip else ""


# What is told at once


def _news(
    services: AccountServices, history: History, delivery: Delivery, cadences: Sequence[Cadence], view: SavedView
) -> tuple[dict[str, str], dict[str, Any]]:
    """Return what a delivery has not told yet, in words, and what it will have told after that.

    New alerts of the view's cadences, a sync that fails, and deliveries that failed: each once.
    """
    before = delivery.told or {}
    found: dict[str, str] = {}
    alerts = _alerts(services, history, cadences, view)
    found |= {key: text for key, text in alerts.items() if key not in before.get("alerts", ())}
    sync = services.notes.get(SYNC_NOTE) or {}
    if sync.get("since") and sync["since"] != before.get("sync"):
        found["sync"] = f"The history has not been synced since {sync['since'][:16]} UTC: {sync.get('problem', '')}"
    failed = _failed(history, delivery)
    found |= {f"run {key}": text for key, text in failed.items() if key not in before.get("runs", ())}
    first = delivery.told is None  # what was there when it was set up is no news
    told = {"alerts": sorted(alerts), "sync": sync.get("since"), "runs": sorted(failed)}
    return ({} if first else found), told


def _alerts(
    services: AccountServices, history: History, cadences: Sequence[Cadence], view: SavedView
) -> dict[str, str]:
    """Return the open alerts of a view's cadences that are sure, by key."""
    zone = services.settings.timezone
    today = datetime.now(ZoneInfo(zone)).date()
    choice = choice_of(view.query, cadences, timezone=zone, today=today)
    window = preset_window("28d", today, zone)
    now = frames.engagements_frame(services.reports.load(choice.cadences, window))
    names = [cadence.name or "" for cadence in choice.cadences]
    first = window.end - timedelta(days=DAYS_NEEDED - 1)
    daily = history.engagements(names, start=first, end=window.end, timezone=zone, bucket="day")
    levels = watch_list.Levels.from_json(services.notes.get(watch_list.LEVELS_NOTE))
    memory = watch_list.Memory.from_json(services.notes.get(watch_list.MEMORY_NOTE))
    findings = [*watch_list.level_findings(now, levels), *watch_list.day_findings(daily, newest=window.end)]
    found = watch_list.watch_list(findings, memory, checked=set(now["cadence"]), today=window.end)
    return {
        finding.key: f"New alert, {finding.cadence}: {METRICS[finding.metric].label.lower()}, {finding.rule}"
        for finding in found.open
        if finding.sure
    }


def _failed(history: History, delivery: Delivery) -> dict[int, str]:
    """Return the deliveries whose latest run failed, by that run."""
    known = Deliveries(history.database, history.account)
    others = {other.number: other for other in known.all() if other.number != delivery.number}
    latest = {number: runs[0] for number, runs in known.runs(list(others), 1).items() if runs}
    return {
        last.number: f"A delivery by {CHANNELS[others[number].channel]} failed: {last.message}"
        for number, last in latest.items()
        if last.state == "refused"
    }
