"""Links from one place to another: every cadence to its page, every A/B state to its test."""

import streamlit as st

from dashboard.app_pages.components.display import plain

_FITS = 30  # letters that a link shows in a narrow column; longer ones are whole under the pointer
CADENCE_PAGE = "app_pages/cadence.py"
TESTS_PAGE = "app_pages/ab_tests.py"
ALERTS_PAGE = "app_pages/alerts.py"


def cadence_link(name: str, label: str = "", *, step: int | None = None) -> None:
    """Draw a link to the page of a cadence, with one of its steps open.

    Args:
        name: the cadence's name; it need not be among the chosen ones.
        label: what the link says; the name by default.
        step: number of the step to open.
    """
    query = {"focus": name} if step is None else {"focus": name, "step": str(step)}
    shown = label or name
    cut = plain(shown) if len(shown) > _FITS else None
    st.page_link(CADENCE_PAGE, label=plain(shown), query_params=query, help=cut)


def name_of_test(cadence: str, step: int) -> str:
    """Return what the URL calls the A/B test of a step."""
    return f"{cadence}, step {step}"


def ab_test_link(name: str, label: str, *, icon: str = "") -> None:
    """Draw a link to an A/B test, opened: `name` is its `name_of_test`.

    Args:
        name: `name_of_test`.
        label: text of the link.
        icon: in front of it.
    """
    st.page_link(TESTS_PAGE, label=plain(label), icon=icon or None, query_params={"test": name})
