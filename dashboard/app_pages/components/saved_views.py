"""Saved views: opened and saved from the sidebar, kept and sent from Reports."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo, available_timezones

import streamlit as st

from dashboard.app_pages.session import sign_in, views
from dashboard.app_pages.session.connection import connect, listing
from dashboard.app_pages.session.text import plain
from dashboard.data.database import DatabaseError
from dashboard.data.history.deliveries import CHANNELS, DELIVERS, Delivery, DeliveryError
from dashboard.data.saved_view import LONGEST_NAME, SavedView, ViewError
from dashboard.data.schedule import Every
from klenty_api import KlentyError

_EVERY: Final[Mapping[Every | Literal["alerts"], str]] = {
    "day": "Every day", "week": "Every week", "month": "Every month", "alerts": "New alerts at once",
}  # fmt: skip
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ATTACHED: Final = {"html": "Review pack", "xlsx": "Workbook"}
_STATES: Final = {"done": "sent", "refused": "not sent", "unknown": "outcome unknown"}
_PROBLEM: Final = "views.problem"


def draw_menu(place: str) -> None:
    """Draw the sidebar's menu of views: open one, or keep what is shown.

    Args:
        place: File of the open page.
    """
    known = views.known()
    if known is None:
        return
    with st.popover("Views", icon=":material/bookmarks:"):
        for view in known:
            icon = ":material/group:" if view.shared else ":material/bookmark:"
            st.button(
                plain(view.name), key=f"view_{view.number}", icon=icon, type="tertiary",
                on_click=views.open_view, args=(view,),
            )  # fmt: skip
        with st.form("view_new", border=False, clear_on_submit=True):
            name = st.text_input("Keep this page and its filters as", max_chars=LONGEST_NAME)
            shared = sign_in.current().may(views.SHARES) and st.toggle("For everyone")
            if st.form_submit_button("Save view"):
                view = SavedView(name, place, views.address(), bool(shared), sign_in.current().email)
                _try(lambda: views.save(view))
        _say_problem()


def draw() -> None:
    """Draw the views of the account with their deliveries."""
    known = views.known()
    if known is None:
        st.info("Views are kept in the database, which cannot be used now.", icon=":material/database_off:")
        return
    if not known:
        st.markdown("No view yet. *Views* in the sidebar keeps a page with its filters.")
        return
    start, listed = views.starts().get(sign_in.current().email), {cadence.name for cadence in listing().cadences}
    for view in known:
        _view(view, is_start=view.number == start, listed=listed)
    _say_problem()
    _deliveries(known)


def _view(view: SavedView, *, is_start: bool, listed: set[str | None]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        about = ["for everyone" if view.shared else "yours", *(["your start page"] if is_start else [])]
        gone = [name for name in view.query.get("cadence", ()) if listed and name not in listed]
        note = f" No cadence any more: {', '.join(map(plain, gone))}." if gone else ""
        st.markdown(f"**{plain(view.name)}** · {', '.join(about)}.{note}", width="stretch")
        st.button("Open", key=f"open_{view.number}", on_click=views.open_view, args=(view,))
        label = "Start with the Overview" if is_start else "Start with it"
        begin = None if is_start else view.number
        st.button(label, key=f"start_{view.number}", on_click=views.begin_with, args=(begin,))
        if views.may_change(view):
            with st.popover("Change"), st.form(f"change_{view.number}", border=False):
                name = st.text_input("Name", view.name, max_chars=LONGEST_NAME)
                if st.form_submit_button("Rename"):
                    _try(lambda: views.save(replace(view, name=name)))
                if st.form_submit_button("Delete with its deliveries"):
                    _try(lambda: views.delete(view))


def _deliveries(known: Sequence[SavedView]) -> None:
    st.header("Deliveries")
    found = views.deliveries() or []
    runs = views.runs([delivery.number for delivery in found])
    names = {view.number: view.name for view in known}
    zone = ZoneInfo(connect().settings.timezone)
    if not found:
        st.markdown("Nothing is sent by itself.")
    is_admin = sign_in.current().may(DELIVERS)
    for delivery in found:
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                name = names.get(delivery.view, "A view of somebody else")
                st.markdown(f"**{plain(name)}** · {_when(delivery)} · {_where(delivery)}", width="stretch")
                if is_admin:
                    st.button("Send now", key=f"send_{delivery.number}", on_click=_send_now, args=(delivery,))
                    st.button("End", key=f"end_{delivery.number}", on_click=_end, args=(delivery.number,))
            for run in runs.get(delivery.number, ())[:3]:
                st.caption(f"{run.at.astimezone(zone):%-d %b, %H:%M}: {_STATES[run.state]}. {plain(run.message)}")
    if is_admin:
        _offer(known)


def _where(delivery: Delivery) -> str:
    return f"{CHANNELS[delivery.channel]}, {plain(delivery.shown_target)}"


def _when(delivery: Delivery) -> str:
    if delivery.schedule is None:
        return "new alerts at once"
    on = {"week": f" on {_WEEKDAYS[delivery.on_day % 7]}", "month": f" on day {delivery.on_day}"}.get(
        delivery.every, ""
    )
    following = delivery.schedule.following(datetime.now(UTC)).astimezone(ZoneInfo(delivery.timezone))
    at = f"{delivery.minute // 60:02}:{delivery.minute % 60:02}"
    return f"{_EVERY[delivery.every].lower()}{on} at {at} ({delivery.timezone}), next {following:%-d %b}"


def _offer(known: Sequence[SavedView]) -> None:
    with st.expander("Deliver a view", icon=":material/schedule_send:"):
        names = {view.number: view.name for view in known if view.shared or view.person == sign_in.current().email}
        view = st.selectbox("View", list(names), format_func=lambda number: names[number], key="delivery_view")
        every = st.segmented_control(
            "When",
            list(_EVERY),
            default="week",
            required=True,
            format_func=lambda kind: _EVERY[kind],
            key="delivery_every",
        )
        channel = st.segmented_control(
            "Where",
            list(CHANNELS),
            default="mail",
            required=True,
            format_func=lambda kind: CHANNELS[kind],
            key="delivery_channel",
        )
        with st.form("delivery_new", border=False):
            on_day, minute, timezone = 0, 0, connect().settings.timezone
            if every != "alerts":
                with st.container(horizontal=True):
                    if every == "week":
                        on_day = _WEEKDAYS.index(st.selectbox("On", _WEEKDAYS))
                    elif every == "month":
                        on_day = int(st.number_input("On day", 1, 31, 1))
                    at = st.time_input("At", time(8, 0))
                    zones = sorted(available_timezones())
                    timezone = st.selectbox("Time zone", zones, index=zones.index(timezone) if timezone in zones else 0)
                minute = at.hour * 60 + at.minute
            target = st.text_input(
                "Addresses" if channel == "mail" else "Address of the hook",
                type="default" if channel == "mail" else "password",
                help="With commas between them." if channel == "mail" else "A secret: once kept it is shown no more.",
            )
            attached: list[str] = []
            if channel == "mail":
                attached = st.multiselect("Attach", list(_ATTACHED), format_func=lambda kind: _ATTACHED[kind])
            if st.form_submit_button("Deliver it", type="primary") and view is not None:
                person = sign_in.current().email
                new = Delivery(view, channel, target, every, minute, timezone, on_day, tuple(attached), person)
                _try(lambda: views.change_deliveries(lambda kept: kept.add(new)))


def _end(number: int) -> None:
    _try(lambda: views.change_deliveries(lambda kept: kept.delete(number)), again=False)


def _send_now(delivery: Delivery) -> None:
    from dashboard.exports.delivery import deliver_now  # noqa: PLC0415  # only those who send wait for it

    def send(_kept: Any) -> None:
        outcome = deliver_now(connect(), delivery)
        if outcome.state != "done":
            raise DeliveryError(outcome.message)

    _try(lambda: views.change_deliveries(send), again=False)


def _try(write: Callable[[], object], *, again: bool = True) -> None:
    """Do it, or say why it was not done; a callback runs before the page is drawn `again` anyway."""
    try:
        write()
    except PermissionError:
        st.session_state[_PROBLEM] = "Not done: your role does not allow it."
    except (ViewError, DeliveryError, DatabaseError, KlentyError) as problem:
        st.session_state[_PROBLEM] = f"Not done. {problem}"
    if again:
        st.rerun()


def _say_problem() -> None:
    if problem := st.session_state.pop(_PROBLEM, None):
        st.error(plain(problem), icon=":material/bookmark_remove:")
