"""The figures of the range with their changes: the same cards over all chosen cadences and over one."""

from dashboard.analysis.performance import totals
from dashboard.app_pages.components import display, header, restated
from dashboard.app_pages.session import loaders
from dashboard.app_pages.session.account_notes import facts
from dashboard.app_pages.session.filters import View
from dashboard.app_pages.session.loaders import Tables
from dashboard.app_pages.session.memo import made


def render(view: View, names: list[str], now: Tables, earlier: Tables, fresh: str, compared_fresh: str) -> None:
    """Which periods are compared, the cards of the range, and what Klenty restated of the earlier period.

    `now` are the tables of the shown window, `earlier` those of the one it is compared with, `names` whose; `fresh` and
    `compared_fresh` say when they came.
    """
    header.about_changes(view, fresh=compared_fresh)
    seen_before = restated.of_earlier_period(view, names)
    cards = made(
        totals.figures,
        now.engagements,
        earlier.engagements,
        per=view.per,
        restated=seen_before,
        facts=facts(),
        weeks=loaders.weeks(view),
        maturing=header.maturing(view),
    )
    display.cards(cards, fresh)
    restated.tell(seen_before)
