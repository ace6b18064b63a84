"""The state of each A/B test inside its step, with a link to the test."""

from collections.abc import Mapping

from streamlit.delta_generator import DeltaGenerator

from dashboard.analysis.ab_tests import status
from dashboard.analysis.ab_tests.experiments import Experiment
from dashboard.app_pages.components.ab_test_list import name_of
from dashboard.app_pages.components.links import ab_test_link


def fill(places: Mapping[int, DeltaGenerator], tests: list[Experiment]) -> None:
    """Draw into the place of each step with options what its test says; other places stay empty."""
    for item in tests:
        if item.step in places:
            with places[item.step]:
                proven = status.status_of(item) == "proven"
                ab_test_link(
                    name_of(item),
                    f"A/B: {status.action(item).lower() if not proven else status.action(item)}",
                    icon=":material/trophy:" if proven else ":material/alt_route:",
                )
