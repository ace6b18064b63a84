"""The dashboard as an ASGI application, and how it is started.

`streamlit run dashboard/server.py` (what `klenty-dashboard` does) serves the pages; routes for health checks
and webhooks belong here too. Everything a visitor would otherwise wait for is loaded in the background while
the server already answers.
"""

import asyncio
import contextlib
import importlib
import logging
import pkgutil
import signal
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import streamlit as st
import uvicorn
from starlette.middleware import Middleware

from dashboard.data.job_runner import JobRunner
from dashboard.settings import SettingsError, load_settings, load_table
from dashboard.web import health, log_setup
from dashboard.web.crafted_values import ignore_crafted_values
from dashboard.web.file_gate import FileGate
from dashboard.web.gc_tuning import collect_periodically, freeze_heap
from dashboard.web.importing import IMPORTING
from dashboard.web.login_redirect import LoginRedirectMiddleware
from dashboard.web.old_addresses import OldAddresses
from dashboard.web.origin_guard import OriginGuard
from dashboard.web.path_prefix import PathPrefix
from dashboard.web.security_headers import SecurityHeaders
from dashboard.web.slow_clients import close_slow_clients, raise_file_limit
from dashboard.web.webhook_receiver import Receiver, WebhookInbox
from dashboard.web.websocket_filter import WebSocketMessageFilter

log = logging.getLogger("dashboard")

HANGING_SECONDS = 5
"""How long a stop waits for clients that do not go."""


def warm_pages() -> None:
    """Import what every page needs and open the first account, before the first visitor asks."""
    with IMPORTING:
        from dashboard.app_pages import components, session
        from dashboard.app_pages.session import connection
        from dashboard.charts import chart

    first = load_settings().account_names[0]
    connection.account_services(first)
    connection.listing_of(first)
    chart.warm()
    for package in (session, components):
        for module in pkgutil.iter_modules(package.__path__):
            with IMPORTING:
                importlib.import_module(f"{package.__name__}.{module.name}")


def _warm_up() -> None:
    with IMPORTING:
        from dashboard.app_pages.session import sign_in

    try:
        sign_in.warn_if_open()
        warm_pages()
    except SettingsError:
        pass  # the log and the page have said what is wrong with them
    except Exception:  # warming is a courtesy; the page itself says what is wrong
        log.exception("could not warm up")
    freeze_heap()


def _sync(stop: threading.Event) -> None:
    """Fetch the latest days again and again, where the settings say so."""
    with contextlib.suppress(SettingsError):  # the page says what is wrong with them
        if minutes := load_settings().sync_minutes:
            with IMPORTING:
                from dashboard.app_pages.session import connection
                from dashboard.services import auto_sync

            auto_sync.run(timedelta(minutes=minutes), stop, connection.account_services)


def _deliver(stop: threading.Event) -> None:
    """Send saved views when they are due."""
    with contextlib.suppress(SettingsError):  # the page says what is wrong with them
        with IMPORTING:
            from dashboard.app_pages.session import connection  # after the server answers
            from dashboard.exports import delivery

        delivery.run(stop, connection.account_services)


def _server() -> uvicorn.Server | None:
    """Return the server that this application runs in, by the signal that ends it: Streamlit shows it nowhere."""
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return server if isinstance(server, uvicorn.Server) else None


async def _finish_when_told(told: asyncio.Event) -> None:
    """End what is written as soon as the process is to end, however long the last client takes to go.

    The server tells its lifespan (`told`) only after that, and Streamlit gives it no limit for waiting.
    """
    server = _server()
    if server is not None:
        server.config.timeout_graceful_shutdown = HANGING_SECONDS
    while not told.is_set() and not (server is not None and server.should_exit):
        await asyncio.sleep(0.1)  # as often as the server itself looks
    await asyncio.to_thread(_finish)


def _finish() -> None:
    with IMPORTING:
        from dashboard.actions import shutdown

    shutdown.finish()


def _close() -> None:
    """Write what waits to be written, and close what is open; the sandbox's history goes, too."""
    with IMPORTING:
        from dashboard.app_pages.session import connection
        from dashboard.services import history

    try:
        connection.close_all()
        history.discard_sandbox()
    except Exception:  # the process ends all the same
        log.exception("could not close everything")


def _configure_logs() -> None:
    """Configure logs in the shape that the settings name, without the settings' secrets."""
    try:
        settings, sign_in = load_settings(), load_table("auth")
    except SettingsError as problem:
        log_setup.configure("text")
        log.error("settings: %s", problem)  # noqa: TRY400  # the sentence says it
        return
    keys = [settings.api_key, *(account.api_key for account in settings.accounts.values())]
    providers = [sign_in, *(part for part in sign_in.values() if isinstance(part, dict))]
    of_sign_in = [str(part.get(name) or "") for part in providers for name in ("client_secret", "cookie_secret")]
    log_setup.keep_out([*keys, *of_sign_in, settings.webhook_secret, settings.database_password])
    log_setup.configure(settings.log)


@asynccontextmanager
async def _lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    _configure_logs()
    log.info("the dashboard is listening on port %s", st.get_option("server.port"))
    warming, syncing, collecting = JobRunner[None]("warm-up"), JobRunner[None]("auto-sync"), JobRunner[None]("garbage")
    warming.start(lambda _report, _stop: _warm_up())
    syncing.start(lambda _report, stop: _sync(stop))
    delivering = JobRunner[None]("deliveries")
    delivering.start(lambda _report, stop: _deliver(stop))
    collecting.start(lambda _report, stop: collect_periodically(stop))
    told = asyncio.Event()
    raise_file_limit()
    server = _server()
    patience = asyncio.create_task(
        close_slow_clients(lambda: server.server_state.connections if server else (), told), name="slow-clients"
    )
    writing = asyncio.create_task(_finish_when_told(told), name="finish-writing")
    async with receiver.running():
        yield {}
        syncing.cancel()
        delivering.cancel()
        collecting.cancel()
        told.set()
        await writing
        await patience
        await asyncio.to_thread(_close)  # a signal ends the process without its exit handlers
    log.info("the dashboard has stopped")


def _on_script_error(error: BaseException) -> bool:
    """Show a sentence; the traceback is in the log (Streamlit writes it there)."""
    st.error(
        f"The page met an error it does not know ({type(error).__name__}). Nothing was sent to Klenty by it. "
        "Reload the page; if it comes again, the dashboard's log has the details.",
        title="Something went wrong",
        icon=":material/error:",
    )
    return True


def _open_inboxes() -> Sequence[WebhookInbox]:
    with IMPORTING:
        from dashboard.services import webhook_accounts

    return webhook_accounts.open_inboxes()


def _readiness_problems() -> list[str]:
    with IMPORTING:
        from dashboard.services import readiness

    return readiness.problems()


def _base_path() -> str:
    return str(st.get_option("server.baseUrlPath") or "")


ignore_crafted_values()
receiver = Receiver(_open_inboxes)
app = st.App(
    Path(__file__).with_name("app.py"),
    lifespan=_lifespan,
    on_script_error=_on_script_error,
    routes=[*health.routes(_readiness_problems), receiver.route],
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(OldAddresses),
        Middleware(PathPrefix, base_path=_base_path),
        Middleware(OriginGuard),
        Middleware(LoginRedirectMiddleware),
        Middleware(FileGate),
        Middleware(WebSocketMessageFilter),
    ],
)
