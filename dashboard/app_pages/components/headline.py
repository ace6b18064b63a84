"""The sentence over the Overview, and its linked chips."""

from typing import Final

import streamlit as st

from dashboard.analysis.performance.headline import Headline, HeadlineChip, Target
from dashboard.app_pages.components.links import ALERTS_PAGE, CADENCE_PAGE, TESTS_PAGE, name_of_test
from dashboard.app_pages.session.text import plain

_ICONS: Final = {
    "risk": ":material/report:",
    "decision": ":material/task_alt:",
    "change": ":material/trending_up:",
    "best": ":material/star:",
}
_PAGES: Final = {
    "cadence": CADENCE_PAGE,
    "explore": "app_pages/explore.py",
    "ab_tests": TESTS_PAGE,
    "alerts": ALERTS_PAGE,
}
_NAME: Final = 28


def draw_headline(found: Headline) -> None:
    """Draw the sentence, and the chips as links to what they rest on."""
    st.markdown(f"**{plain(found.sentence)}**")
    if found.chips:
        with st.container(horizontal=True, gap="medium", key="headline_chips"):
            for chip in found.chips:
                _chip(chip)


def _chip(chip: HeadlineChip) -> None:
    target = chip.target
    st.page_link(
        _PAGES[target.place],
        label=f"{plain(chip.about, _NAME)}: {plain(chip.says)}",
        icon=_ICONS[chip.kind],
        query_params=_query(target),
        help=plain(chip.about),
    )


def _query(target: Target) -> dict[str, str]:
    if target.cadence is None:
        return {}
    if target.place == "ab_tests" and target.step is not None:
        return {"test": name_of_test(target.cadence, target.step)}
    return {"focus": target.cadence} | ({} if target.step is None else {"step": str(target.step)})
