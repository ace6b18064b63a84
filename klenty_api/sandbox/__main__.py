"""`python -m klenty_api.sandbox --port N`: the sandbox as a server of its own."""

import argparse

from klenty_api.sandbox import serve

parser = argparse.ArgumentParser(prog="klenty_api.sandbox", description="A local Klenty with invented data.")
parser.add_argument("--port", type=int, default=8600)
parser.add_argument("--seed", type=int, default=7)
parser.add_argument("--cadences", type=int, help="how many; default is the ordinary set")
parser.add_argument("--latency", type=float, default=0.0, help="seconds that every answer takes")
parser.add_argument("--fault", action="append", default=[], metavar="KIND[:OPERATION[:CADENCE]]")
parser.add_argument("--limit", metavar="KIND:NUMBER", help="token:20, window:20 or in_flight:10[:quiet]")
given = parser.parse_args()
serve(
    port=given.port,
    seed=given.seed,
    cadences=given.cadences,
    latency=given.latency,
    faults=given.fault,
    limit=given.limit,
)
