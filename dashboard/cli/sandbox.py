"""`klenty-dashboard sandbox`: serve a local Klenty."""

import click

from dashboard.cli.streams import say
from klenty_api.sandbox import serve


@click.command("sandbox")
@click.option("--port", type=click.IntRange(1, 65535), default=8600, show_default=True, help="Port on 127.0.0.1.")
@click.option("--seed", default=7, show_default=True, help="Another seed, another invented company.")
@click.option("--cadences", type=click.IntRange(1, 10_000), help="How many cadences; default is the ordinary set.")
@click.option("--latency", default=0.0, show_default=True, help="Seconds that every answer takes.")
@click.option("--fault", "faults", multiple=True, metavar="KIND[:OPERATION[:CADENCE]]", help="A fault from the start.")
@click.option("--limit", metavar="KIND:NUMBER", help="A limit: token:20, window:20 (calls a second) or in_flight:10.")
def command(
    port: int, seed: int, cadences: int | None, latency: float, faults: tuple[str, ...], limit: str | None
) -> None:
    """Serve a local Klenty with invented data, for trying things and for tests."""
    try:
        serve(port=port, seed=seed, cadences=cadences, latency=latency, faults=faults, limit=limit)
    except (ValueError, OSError) as error:
        raise click.UsageError(str(error)) from None
    except KeyboardInterrupt:
        say("Stopped.")
