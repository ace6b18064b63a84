"""Health for those who watch the server: `/healthz` says that the process lives, `/readyz` that it can work.

Both answer before anything else is loaded. Neither asks Klenty: its being down is no reason to restart anything.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

CHECK_SECONDS: Final = 3.0
_NO_STORE: Final = {"Cache-Control": "no-store"}


async def _alive(_request: Request) -> Response:
    return JSONResponse({"status": "alive"}, headers=_NO_STORE)


def routes(problems: Callable[[], list[str]]) -> list[Route]:
    """Return both routes. `problems` says what keeps the dashboard from working; it is called in a thread."""
    # A thread of its own: checks of a database that hangs must not take those that others wait for.
    thread = ThreadPoolExecutor(1, thread_name_prefix="health")

    async def ready(_request: Request) -> Response:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                found = await asyncio.get_running_loop().run_in_executor(thread, problems)
        except TimeoutError:
            found = ["The database does not answer in time."]
        except Exception as error:  # noqa: BLE001  # its text may hold addresses
            found = [f"The check failed ({type(error).__name__})."]
        if found:
            return JSONResponse({"status": "not ready", "reasons": found}, 503, headers=_NO_STORE)
        return JSONResponse({"status": "ready"}, headers=_NO_STORE)

    return [Route("/healthz", _alive), Route("/readyz", ready)]
