"""`klenty-dashboard deliver`: send the saved views that are due, where no dashboard runs that does."""

import sys
from contextlib import ExitStack

import click

from dashboard.cli.common import (
    BAD_USAGE,
    SOME_FAILED,
    account_option,
    give_up,
    open_services,
    quiet_option,
    sandbox_option,
)
from dashboard.cli.streams import say
from dashboard.data.database import DatabaseError
from dashboard.exports.delivery import deliver_due
from klenty_api import KlentyError


@click.command("deliver")
@click.option("--due", is_flag=True, required=True, help="Send what is due; missed times are made up once.")
@account_option
@sandbox_option
@quiet_option
def command(due: bool, account: str, sandbox: bool, quiet: bool) -> None:  # noqa: ARG001  # the only thing to do
    """Send the deliveries that are due: what Reports of the dashboard has set up, by mail or to a chat.

    Run it from cron every few minutes where no dashboard runs; a dashboard does the same by itself. Exit codes: 0 all
    of it was sent, or nothing was due; 1 some was not; 2 bad settings, or no database.
    """
    with ExitStack() as stack:
        services = open_services(stack, account=account, sandbox=sandbox)
        if services.history is None:
            say(str(services.archive.error), err=True)
            sys.exit(BAD_USAGE)
        try:
            outcomes = deliver_due(services)
        except DatabaseError as problem:
            say(str(problem), err=True)
            sys.exit(BAD_USAGE)
        except KlentyError as error:
            give_up(error)
    for outcome in outcomes:
        failed = outcome.state != "done"
        if failed or not quiet:
            say(outcome.message, err=failed)
    if any(outcome.state != "done" for outcome in outcomes):
        sys.exit(SOME_FAILED)
