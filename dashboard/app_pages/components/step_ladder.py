"""The steps of one cadence as a ladder: a row for each, which opens to its copy, options and counts."""

from collections.abc import Mapping
from typing import Final

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.analysis import metrics
from dashboard.analysis.performance.step_value import CAUTION, CostlySteps
from dashboard.app_pages.components import display
from dashboard.app_pages.components.display import plain
from dashboard.app_pages.components.marks import inline
from dashboard.charts.step_ladder import Cell, LadderRow

OPEN: Final = "step"  # the URL names the step that is open
_WIDE: Final = (5, 8, 3)
_ICONS: Final = {
    "email": ":material/mail:",
    "call": ":material/call:",
    "linkedin": ":material/group:",
    "sms": ":material/sms:",
}
_COUNTS = [
    "option", "subject", "emails_sent", "replies", "reply_rate", "positive_replies", "positive_reply_rate",
    "negative_replies", "opens", "opens_per_email", "clicks", "clicks_per_email", "template", "snippet",
]  # fmt: skip


def show(
    rows: list[LadderRow], options: pd.DataFrame, costly: CostlySteps | None, limit: int, fresh: str
) -> Mapping[int, DeltaGenerator]:
    """Draw the ladder and return, by step, the empty places for the state of its A/B test.

    Args:
        rows: the steps in order.
        options: tidy frame `options` of the cadence, for what a step opens to.
        costly: from where on a positive reply takes more than `limit` emails.
        limit: emails for a positive reply.
        fresh: when the answers arrived.
    """
    places: dict[int, DeltaGenerator] = {}
    with st.container(gap="xsmall", key="ladder"):
        _heading()
        for row in rows:
            if costly is not None and row.step == costly.step:
                _end_here(costly, limit)
            place = _row(row)
            if row.step is not None:
                places[row.step] = place
                if st.query_params.get(OPEN) == str(row.step):
                    _details(row, options, fresh)
    return places


def _heading() -> None:
    name, marks, _ = st.columns(_WIDE, vertical_alignment="bottom")
    name.header("Steps", anchor=False)
    with marks:
        for place, label in zip(_thirds(), ("Emails", "Reply rate", "Positive so far"), strict=True):
            place.caption(label)


def _row(row: LadderRow) -> DeltaGenerator:
    name, marks, test = st.columns(_WIDE, vertical_alignment="center")
    with name:
        _name(row)
    with marks:
        for place, cell in zip(_thirds(), (row.reach, row.reply_rate, row.positive), strict=True):
            _cell(place, cell)
    return test.empty()


def _thirds() -> list[DeltaGenerator]:
    """Return three places in a row, which become as narrow as a phone needs; columns keep 128 px each."""
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="xxsmall"):
        return [st.container() for _ in range(3)]


def _name(row: LadderRow) -> None:
    number = "?" if row.step is None else row.step
    text = row.subject or row.kind.capitalize() or "Step"
    icon = _ICONS.get(row.kind.lower(), ":material/task_alt:")
    label = f"**{number}** {icon} {plain(text)}"
    if row.step is None:
        st.markdown(label)
        return
    st.button(
        label,
        key=f"open_step_{row.step}",
        type="tertiary",
        on_click=_toggle,
        args=(row.step,),
        wrap=False,
    )


def _toggle(step: int) -> None:
    if st.query_params.get(OPEN) == str(step):
        del st.query_params[OPEN]
    else:
        st.query_params[OPEN] = str(step)


def _cell(place: DeltaGenerator, cell: Cell) -> None:
    mark = f"{inline(cell.mark, cell.hover)} " if cell.mark else ""
    place.markdown(f"{mark}{plain(cell.text)}")


def _end_here(costly: CostlySteps, limit: int) -> None:
    """Say where further emails bring few positive replies, and how sure that is."""
    each = (
        f"{costly.per_reply:,.0f} emails for a positive reply"
        if costly.per_reply
        else f"no positive reply to {costly.emails:,} emails"
    )
    high = f" to {costly.high:,.0f}" if costly.high else " or more"
    st.markdown(
        f":gray[:material/flag: From here on {each}: consider ending before it.]",
        help=f"{costly.positive_replies:,} positive replies to {costly.emails:,} emails of the steps from here on; "
        f"the 95 % interval is {costly.low:,.0f}{high} emails each. The mark is set at {limit:,}. {CAUTION}",
    )


def _details(row: LadderRow, options: pd.DataFrame, fresh: str) -> None:
    with st.container(border=True, key="open_step"):
        own = options[options["step"] == row.step].drop_duplicates("option")
        if own.empty:
            st.caption(plain(f"{row.reach.text}. {row.reach.hover}."))
            return
        for place, option in zip(st.columns(len(own)), own.to_dict("records"), strict=True):
            with place:
                _copy(option)
        rated = metrics.with_rates(own, "options")
        display.table(rated, key=f"step_{row.step}_options", name=f"step-{row.step}", columns=_COUNTS, fresh=fresh)


def _copy(option: dict[object, object]) -> None:
    subject, template, snippet = (
        "" if pd.isna(option[name]) else str(option[name])  # type: ignore[call-overload]
        for name in ("subject", "template", "snippet")
    )
    number = option["option"]
    st.markdown(f"**Option {number}:** {plain(subject or 'no subject reported')}")
    if snippet:
        st.caption(plain(snippet))
    if template:
        st.caption(plain(f"Template: {template}"))
