"""Starting the dashboard: this process becomes its server."""

import contextlib
import os
import sys
from pathlib import Path

import dashboard
from dashboard.settings import ALLOW_ACTIONS, SANDBOX, SettingsError, load_settings


def start(*, port: int, sandbox: bool, address: str = "127.0.0.1", allow_actions: bool = False) -> None:
    """Replace this process by the dashboard's server. Does not return.

    Args:
        port: Port to listen on.
        sandbox: Show the local sandbox even when credentials are configured.
        address: Address to listen on.
        allow_actions: Let people act although others can reach the dashboard and nobody signs in.
    """
    if sandbox:
        os.environ[SANDBOX] = "1"
    if allow_actions:
        os.environ[ALLOW_ACTIONS] = "1"
    # Fits and tests here are small: threads of the linear algebra only get into each other's way, and cost up to 15 ×.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    script = Path(dashboard.__file__).resolve().with_name("server.py")
    # -P: a folder called dashboard where the command is started must not be taken for this package.
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(script)]
    command += ["--server.port", str(port), "--server.address", address]
    with contextlib.suppress(SettingsError):  # the page says what is wrong with them
        if load_settings().log == "json":
            command += ["--logger.hideWelcomeMessage", "true"]  # which is no JSON
    os.execv(sys.executable, command)  # noqa: S606  # our own interpreter, no shell
