"""The command line: the dashboard itself, reports for cron, the history, a check of the account, the sandbox."""

from dashboard.cli.main import main

__all__ = ["main"]
