"""Metrics over days or weeks: one cadence beside the other, or several in one chart."""

import streamlit as st

from dashboard.analysis.metrics import METRICS
from dashboard.analysis.performance import trends
from dashboard.app_pages.components import display, messages, trend_panels
from dashboard.app_pages.session import filters, sign_in, trend_windows
from dashboard.app_pages.session.account_notes import facts
from dashboard.app_pages.session.memo import made
from dashboard.charts.trends import MOST, about_trend, common_top, trend_chart

SIZES: dict[str, trend_windows.Size] = {"Days": "day", "Weeks": "week"}


def draw() -> None:
    """Draw the tab."""
    view = filters.current()
    if not view.cadences:
        messages.no_cadences()
        st.stop()

    with st.container(horizontal=True, vertical_alignment="bottom"):
        size = SIZES[
            st.segmented_control(
                "Each point is", list(SIZES), default="Days", required=True, key="points", bind="query-params"
            )
        ]
        layout = st.segmented_control(
            "Cadences",
            ["Side by side", "In one chart"],
            default="Side by side",
            required=True,
            key="lines",
            bind="query-params",
        )
        metrics = st.multiselect(
            "Metrics",
            list(trends.METRICS_OVER_TIME),
            default=["reply_rate"],
            format_func=lambda key: METRICS[key].label,
            max_selections=3,
            key="metrics",
            bind="query-params",
        )
    names = view.names
    if layout == "In one chart":
        names = st.multiselect(
            f"Up to {MOST} cadences in one chart",
            view.names,
            default=view.names[:3],
            max_selections=MOST,
            key="trend_cadences",
            bind="query-params",
        )
    if not names or not metrics:
        st.info("Choose at least one cadence and one metric.", icon=":material/show_chart:")
        st.stop()

    windows = trend_windows.windows_of(view, size)
    fill = trend_windows.filling(view, size)
    trend_panels.fetch(view, windows, trend_windows.known(view.cadences, windows, size).missing, fill)

    def charts() -> None:
        """Draw the charts of what is known by now."""
        sign_in.recheck_role()
        engagements = trend_windows.known(view.cadences, windows, size).engagements
        st.caption(trend_panels.freshness(windows, engagements))
        spans = tuple((window.start, window.end) for window in windows)
        shown = [trends.over(metric, view.per, engagements) for metric in metrics]
        for metric in shown:
            frame = made(trends.trend, engagements, tuple(names), spans, metric)
            if layout == "In one chart":
                display.chart(made(trend_chart, frame), f"trend_{metric}")
                continue
            st.subheader(METRICS[metric].label)
            st.caption(about_trend(METRICS[metric]))
            page = trend_panels.page_of(names, trend_panels.panels_of_a_page(windows, shown), f"trend_page_{metric}")
            top = made(common_top, frame)
            grid = st.grid("auto", min_column_width=280)
            for number, name in enumerate(page):
                with grid.cell():
                    display.chart(made(trend_panels.panel, frame, name, top), f"trend_{metric}_{number}", numbers=False)
            trend_panels.numbers(frame, metric)
        st.caption(trends.note(shown, facts()) + (" Grey bands are weekends." if size == "day" else ""))

    st.fragment(charts, run_every="3s" if fill.job.progress.running else None)()
