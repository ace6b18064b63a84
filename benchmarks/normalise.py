"""From the bytes of step-wise answers to plain columns, against the time of decoding their JSON alone.

    python benchmarks/normalise.py [--answers 10000] [--rounds 5]

The way is the product's own: decoded and read by `klenty_api` (every step and option becomes an object with all its
counts), then turned into the lists behind the frames, one answer at a time as they come. CPU time, each round against
the decoding of the same bodies by `json` in the same round.
"""

import argparse
import json
import random
import statistics
import time

import made_up

from dashboard.data.frames import option_columns
from klenty_api import Step
from klenty_api.decode import as_objects, parse_json


def decode(bodies: list[bytes]) -> None:
    for body in bodies:
        json.loads(body)


def normalise(bodies: list[bytes]) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = {}
    for body in bodies:
        for name, values in option_columns(Step.read_all(as_objects(parse_json(body)))).items():
            if name not in {"raw", "warnings"}:
                columns.setdefault(name, []).extend(values)
    return columns


def spent(work: object, bodies: list[bytes]) -> float:
    began = time.process_time()
    work(bodies)  # type: ignore[operator]
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--answers", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rng = random.Random(1)
    bodies = [json.dumps(made_up.steps(rng)).encode() for _ in range(options.answers)]
    rows = len(normalise(bodies)["option"])
    ratios = []
    for _ in range(options.rounds):
        alone, whole = spent(decode, bodies), spent(normalise, bodies)
        ratios.append(whole / alone)
        print(f"decoding {alone:.2f} s, with reading and columns {whole:.2f} s: {whole / alone:.2f} x")
    print(f"{rows:,} rows from {len(bodies):,} answers of {len(bodies[0]):,} bytes")
    print(f"median {statistics.median(ratios):.2f} x")


if __name__ == "__main__":
    main()
