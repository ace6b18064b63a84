"""Answer health checks and webhooks below a path, too: `https://company.com/klenty/…`.

Streamlit puts its own routes below `server.baseUrlPath`, but not those of an application.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from dashboard.data.webhooks.url import PATH
from dashboard.settings import SettingsError, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

_OWN_ROUTES: Final = (PATH, "/healthz", "/readyz")


class PathPrefix:
    """Middleware that takes the path of the public address, or of `base_path()`, off the dashboard's own routes."""

    def __init__(self, app: ASGIApp, base_path: Callable[[], str]) -> None:
        self._app = app
        self._base_path = base_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http":
            for prefix in {self._base_path().strip("/"), _public_path()} - {""}:
                path = scope["path"].removeprefix(f"/{prefix}")
                if path != scope["path"] and path.startswith(_OWN_ROUTES):
                    scope = {**scope, "path": path, "raw_path": path.encode("latin-1", "replace")}
                    break
        await self._app(scope, receive, send)


def _public_path() -> str:
    try:
        return urlsplit(load_settings().public_url or "").path.strip("/")
    except (SettingsError, ValueError):
        return ""
