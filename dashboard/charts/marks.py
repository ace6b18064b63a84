"""Small marks for the rows of a page: bars, intervals and bullets as SVG images with a text alternative.

They are drawn without Plotly, so they are on the screen with the row, print with it and have its height. Colours are
those of the palette that can be told on light and dark.
"""

import base64
import math
from dataclasses import dataclass
from typing import Final

from dashboard.charts.palette import GREEN, GREY, MAIN, VERMILLION, faded

_WIDTH: Final = 96
_HEIGHT: Final = 16
_MIDDLE: Final = _HEIGHT / 2
_PAD: Final = 6
_MOST_TIMES: Final = 4.0  # the axis of differences reaches from a quarter to four times


@dataclass(frozen=True)
class Mark:
    """A drawing of 96 × 16 pixels, and what it shows in words."""

    svg: str
    alt: str

    @property
    def uri(self) -> str:
        """The drawing as an address that an image can have."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg.encode()).decode()


def bar_mark(value: float, end: float, alt: str, *, before: float = 0.0) -> Mark:
    """Return a bar from 0 to `value` on an axis that ends at `end`; the part up to `before` is faint.

    Args:
        value: in units of the axis.
        end: where the axis ends.
        alt: text alternative.
        before: where the strong part begins.
    """
    parts = [_bar(0, _WIDTH, faded(GREY, 0.15)), _bar(_at(before, end), _at(value, end), MAIN)]
    if before:
        parts.insert(1, _bar(0, _at(before, end), faded(MAIN, 0.35)))
    return _mark(parts, alt)


def interval_mark(value: float, low: float | None, high: float | None, end: float, alt: str) -> Mark:
    """Return a dot at `value` with its interval on an axis from 0 to `end`; beyond the end it is an arrow.

    Args:
        value: in units of the axis.
        low: of the interval.
        high: of the interval.
        end: where the axis ends.
        alt: text alternative.
    """
    parts = [_line(_PAD, _WIDTH - _PAD, faded(GREY, 0.3), 1)]
    if low is not None and high is not None:
        parts.append(_line(_inner(low, end), _inner(high, end), faded(MAIN), 6))
    parts.append(_arrow(right=True, colour=MAIN) if value > end else _dot(_inner(value, end), MAIN))
    return _mark(parts, alt)


def difference_mark(ratio: float | None, low: float, high: float, alt: str, *, proven: bool) -> Mark:
    """Return the interval of a ratio around "the same", on an axis from a quarter to four times.

    Green only when `proven`. An end beyond the axis, or without a limit, is an arrow.

    Args:
        ratio: the best guess; None for none.
        low: of the interval.
        high: of the interval.
        alt: text alternative.
        proven: whether colour may say so.
    """
    colour = GREEN if proven else GREY
    start, end = _times(low), _times(high)
    parts = [_line(start, end, faded(colour, 0.55), 6)]
    if low < 1 / _MOST_TIMES:
        parts.append(_arrow(right=False, colour=colour))
    if high > _MOST_TIMES:
        parts.append(_arrow(right=True, colour=colour))
    if ratio is not None and 1 / _MOST_TIMES <= ratio <= _MOST_TIMES:
        parts.append(_dot(_times(ratio), colour))
    parts.append(f'<rect x="{_WIDTH / 2 - 1}" y="0" width="2" height="{_HEIGHT}" fill="{GREY}"/>')
    return _mark(parts, alt)


def bullet_mark(value: float, watch: float, act: float, end: float, alt: str, *, sure: bool) -> Mark:
    """Return a rate as a bar with marks at the levels *watch* and *act*; red only when surely above a level.

    Args:
        value: the rate.
        watch: the lower level.
        act: the upper level.
        end: where the axis ends.
        alt: text alternative.
        sure: whether colour may say so.
    """
    parts = [_bar(0, _WIDTH, faded(GREY, 0.15)), _bar(0, _at(min(value, end), end), VERMILLION if sure else GREY)]
    parts += [
        f'<rect x="{_at(level, end) - 1:.1f}" y="0" width="2" height="{_HEIGHT}" fill="{GREY}"/>'
        for level in (watch, act)
        if level <= end
    ]
    return _mark(parts, alt)


def _mark(parts: list[str], alt: str) -> Mark:
    size = f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    return Mark(f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(parts)}</svg>', alt)


def _at(value: float, end: float) -> float:
    return 0.0 if end <= 0 else max(0.0, min(value / end, 1.0)) * _WIDTH


def _inner(value: float, end: float) -> float:
    """Return the place of `value` where a dot at either end of the axis is still whole."""
    share = 0.0 if end <= 0 else max(0.0, min(value / end, 1.0))
    return _PAD + share * (_WIDTH - 2 * _PAD)


def _times(ratio: float) -> float:
    inside = min(max(ratio, 1 / _MOST_TIMES), _MOST_TIMES)
    return _inner(math.log(inside * _MOST_TIMES), 2 * math.log(_MOST_TIMES))


def _bar(start: float, end: float, colour: str) -> str:
    width = max(0.0, end - start)
    return f'<rect x="{start:.1f}" y="3" width="{width:.1f}" height="10" rx="2" fill="{colour}"/>'


def _line(start: float, end: float, colour: str, width: int) -> str:
    return f'<path d="M{start:.1f} {_MIDDLE}H{end:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def _dot(x: float, colour: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{_MIDDLE}" r="4.5" fill="{colour}"/>'


def _arrow(*, right: bool, colour: str) -> str:
    tip, tail = (_WIDTH, _WIDTH - 8) if right else (0, 8)
    return f'<path d="M{tail} 3L{tip} {_MIDDLE}L{tail} 13Z" fill="{colour}"/>'
