"""Print the lower bound of every requirement of pyproject.toml as a constraint for pip: `pandas==3.0`, line by line."""

import tomllib
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def lowest() -> list[str]:
    """Return one constraint for each requirement, those of the tests included.

    Raises:
        ValueError: A requirement has no lower bound.
    """
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    found = []
    for line in [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]:
        requirement = Requirement(line)
        bounds = [one.version for one in requirement.specifier if one.operator == ">="]
        if not bounds:
            raise ValueError(f"{line} has no lower bound")
        found.append(f"{requirement.name}=={bounds[0]}")
    return found


if __name__ == "__main__":
    print("\n".join(lowest()))
