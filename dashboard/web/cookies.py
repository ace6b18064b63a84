"""Cookies of our own: read from a request, written for an answer."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from starlette.datastructures import Headers


def cookie_value(headers: Headers, name: str) -> str:
    """Return the value of the cookie `name`, or an empty text."""
    for line in headers.getlist("cookie"):
        try:
            morsel = SimpleCookie(line).get(name)
        except CookieError:
            continue
        if morsel is not None:
            return unquote(morsel.value)
    return ""


def set_cookie(name: str, value: str, *, seconds: int | None = None) -> str:
    """Return the header that sets a cookie which scripts cannot read; without `seconds` it ends with the browser.

    Args:
        name: of the cookie.
        value: in characters that need no quotes.
        seconds: how long it lasts.
    """
    age = "" if seconds is None else f"; Max-Age={seconds}"
    return f"{name}={quote(value, safe='')}{age}; Path=/; HttpOnly; SameSite=Lax"
