"""Redirect the addresses that pages had before they were joined to eight places, with their filters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import RedirectResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

MOVED: Final = {
    "compare": "explore?explore=Compare",
    "trends": "explore",
    "options": "ab_tests",
    "winners": "ab_tests",
    "copies": "ab_tests?ab=Copies",
    "watch": "alerts",
    "data": "reports",
    "health": "settings?settings=Data+quality",
    "check": "settings?settings=Account+check",
    "webhooks": "settings?settings=Webhooks",
    "ledger": "action_log",
    "work": "import_prospects",
}
_OTHERS: Final = ("/_stcore/", "/media/", "/static/", "/component/", "/webhook/")


class OldAddresses:
    """Middleware that answers an old address with the present one, below the same path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        app = self._app
        if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}:
            path = scope["path"]
            target = MOVED.get(path.rsplit("/", 1)[-1])
            if target is not None and not any(part in path for part in _OTHERS):
                query = scope.get("query_string", b"").decode("latin-1")
                joint = "&" if "?" in target else "?"
                app = RedirectResponse(f"{target}{joint}{query}" if query else target, status_code=307)
        await app(scope, receive, send)
