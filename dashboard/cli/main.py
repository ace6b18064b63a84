"""The entry point `klenty-dashboard`. A command's module is imported when the command is used."""

import importlib
import sys
from typing import Any, Final

import click

from dashboard.cli.streams import guard_streams, output_problem

COMMANDS: Final = {
    "check": "Does the key work, and what does this account report?",
    "deliver": "Send the deliveries that are due: what Reports of the dashboard has set up, by mail or to a chat.",
    "export": "Write the history as tables for BI tools: one file per entity",
    "report": "Write a review or the tables of a range as files, send them by mail, or both.",
    "sandbox": "Serve a local Klenty with invented data, for trying things and for tests.",
    "sync": "Fill the history with every day (or week) of a range, so that trends need not wait for Klenty.",
}
"""Commands with what `--help` says of each: `dashboard.cli.NAME` has a `command` for each."""


class LazyGroup(click.Group):
    """A group that knows its commands' names and imports only the one that is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"dashboard.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def main(self, *args: Any, **options: Any) -> Any:
        """Run a command line; output that cannot be written is a sentence and exit code 1, not a traceback."""
        guard_streams()
        try:
            return super().main(*args, **options)
        except OSError as error:
            problem = output_problem(error)
            if problem is None:
                raise
            click.echo(problem, err=True)
            sys.exit(1)


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="Port of the dashboard.")
@click.option("--address", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--sandbox", is_flag=True, help="Show the sandbox even when credentials are set.")
@click.option(
    "--allow-actions-without-sign-in",
    "allow_actions",
    is_flag=True,
    help="Let people act although others can reach the dashboard and nobody signs in.",
)
@click.version_option(package_name="klenty-cadence-dashboard")
@click.pass_context
def main(ctx: click.Context, port: int, address: str, sandbox: bool, allow_actions: bool) -> None:
    """Cadence performance in Klenty. Without a command it starts the dashboard.

    Settings come from the environment or .streamlit/secrets.toml, first of all KLENTY_USER and KLENTY_API_KEY;
    docs/settings.md lists them. Without credentials the dashboard shows a local sandbox.
    """
    if ctx.invoked_subcommand is None:
        start = importlib.import_module("dashboard.cli.serve").start
        start(port=port, sandbox=sandbox, address=address, allow_actions=allow_actions)
