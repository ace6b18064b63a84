"""Colours with a meaning, the same in light and dark.

Taken from Okabe and Ito's colour-blind-safe set and shifted until each has a contrast of at least 3 : 1 on white
and on the dark page. Colour is never the only sign: symbols, patterns, order and words carry the same.
"""

from typing import Final

BLUE: Final = "#1F7FBF"
VERMILLION: Final = "#D55E00"
GREEN: Final = "#0B9A78"
PURPLE: Final = "#C06C9B"
OCHRE: Final = "#A67C00"
VIOLET: Final = "#7D6FC4"
GREY: Final = "#808D96"

MAIN: Final = BLUE
SERIES: Final = (BLUE, VERMILLION, GREEN, PURPLE, OCHRE, VIOLET)
SYMBOLS: Final = ("circle", "square", "diamond", "triangle-up", "cross", "star")

SENTIMENT: Final = {
    "positive": BLUE,
    "negative": VERMILLION,
    "unmarked": GREY,
    "not_reported": "rgba(128,141,150,0.25)",
}
SENTIMENT_PATTERNS: Final = {"positive": "", "negative": "/", "unmarked": ".", "not_reported": "x"}
SENTIMENT_SYMBOLS: Final = {"positive": "circle", "negative": "square", "unmarked": "diamond", "not_reported": "x"}

# Streamlit's front end replaces this very colour by its strong text colour, light or dark (its faint default has a
# contrast of 3.8 : 1 on white, too little for numbers); anywhere else it is a dark ink for a white page.
INK: Final = "#000037"
PATTERN_INK: Final = "rgba(255,255,255,0.6)"

GHOST: Final = "rgba(128,141,150,0.20)"
TRACK: Final = "rgba(128,141,150,0.09)"


def faded(colour: str, opacity: float = 0.5) -> str:
    """Return `colour` (#RRGGBB) seen through, for intervals."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
