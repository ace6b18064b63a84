"""Headers that tell browsers what this dashboard never does, on everything it serves."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.datastructures import MutableHeaders

from dashboard.settings import SettingsError, load_settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INLINE_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def _inline_scripts() -> str:
    """Return the hashes of the scripts that are in Streamlit's own page: nothing else written into a page may run."""
    found = find_spec("streamlit")
    origin = found.origin if found else None
    if origin is None:
        return ""
    page = Path(origin).with_name("static") / "index.html"
    scripts = _INLINE_SCRIPT.findall(page.read_text("utf-8"))
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    return "".join(f" 'sha256-{found}'" for found in hashes)


CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        f"script-src 'self'{_inline_scripts()}",
        "style-src 'self' 'unsafe-inline'",  # Streamlit and plotly write styles while they draw
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'self'",
        "object-src 'none'",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class SecurityHeaders:
    """Middleware that sets `HEADERS` on every answer, and `Secure` on its cookies where the public address is https."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer back with the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
                if any(name.lower() == b"set-cookie" for name, _ in message["headers"]) and _is_https(scope):
                    message["headers"] = [_secured(name, value) for name, value in message["headers"]]
            await send(message)

        await self._app(scope, receive, with_headers)


def _is_https(scope: Scope) -> bool:
    if scope.get("scheme") == "https":
        return True
    try:
        return (load_settings().public_url or "").startswith("https://")
    except SettingsError:
        return False


def _secured(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    attributes = {part.strip().lower() for part in value.split(b";")[1:]}
    return name, value if name.lower() != b"set-cookie" or b"secure" in attributes else value + b"; Secure"
