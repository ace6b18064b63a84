"""The dashboard as an ASGI application, and how it is started.

`streamlit run dashboard/server.py` (what `klenty-dashboard` does) serves the pages; routes for health checks
and webhooks belong here too. Everything a visitor would otherwise wait for is loaded in the background while
the server already answers.
"""

import gc
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.web.receiver import Mailbox, Receiver

log = logging.getLogger("dashboard")

SANDBOX_VARIABLE = "KLENTY_SANDBOX"


def run(*, port: int, sandbox: bool, address: str = "127.0.0.1") -> None:
    """Replace this process by the dashboard's server, listening on `address`:`port`.

    `sandbox` shows the local sandbox even when credentials are configured. Does not return.
    """
    if sandbox:
        os.environ[SANDBOX_VARIABLE] = "1"
    # -P: a folder called “dashboard” where the command is started must not be taken for this package.
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(Path(__file__).resolve())]
    command += ["--server.port", str(port), "--server.address", address]
    os.execv(sys.executable, command)  # noqa: S606  # our own interpreter, no shell


def _warm_up() -> None:
    """Import what the pages need and freeze it, so that no visitor waits for either.

    Streamlit collects garbage after every script run, and the interpreter then walks every object of pandas,
    plotly and scipy; frozen objects are passed over, which halves the time of a rerun.
    """
    from dashboard.app_pages.parts import connection  # noqa: PLC0415  # after the server answers

    try:
        connection.warm()
    except Exception:  # warming is a courtesy; the page itself says what is wrong
        log.exception("could not warm up")
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def _lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
    async with receiver.running():
        yield {}


def _on_script_error(error: BaseException) -> bool:
    """Give people a sentence and keep the traceback for the log (Streamlit writes it there)."""
    st.error(
        f"The page met an error it does not know ({type(error).__name__}). Nothing was sent to Klenty by it. "
        "Reload the page; if it comes again, the dashboard's log has the details.",
        title="Something went wrong",
        icon=":material/error:",
    )
    return True


def _open_mailboxes() -> Sequence[Mailbox]:
    from dashboard.web import mailboxes  # noqa: PLC0415  # pandas and SQLAlchemy, after the server answers

    return mailboxes.open_mailboxes()


receiver = Receiver(_open_mailboxes)
app = st.App(
    Path(__file__).with_name("app.py"),
    lifespan=_lifespan,
    on_script_error=_on_script_error,
    routes=[receiver.route],
)
