"""Trends over weeks or days, and cadences or periods compared."""

from dashboard.app_pages.components.page_header import page_header, periods
from dashboard.app_pages.navigation import draw_tabs
from dashboard.app_pages.session import filters

HOW_TO_READ = (
    "Every week and day is an answer of its own: a person counts once in each, so they do not add up to the range.",
    "Bands and brackets are 95 % intervals (Wilson). Where two overlap, the difference may be chance.",
    "Higher, lower: beyond chance, against the other compared cadences added up. No badge: not told.",
    "Days leave out weekends; the table has them. A triangle lies beyond the axis.",
    "First-step emails are the denominator where Klenty does not report the prospects contacted.",
)
MATURING = "Hatched, hollow or dotted is maturing: replies to the newest emails are still arriving."

view = filters.current()
how_to_read = HOW_TO_READ if view.facts.events_count_on_their_own_date else (*HOW_TO_READ, MATURING)
page_header("Explore", about=(periods(view), view.number_text), how_to_read=how_to_read)
draw_tabs("Explore")
