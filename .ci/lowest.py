"""Print the lower bound of what the product requires in pyproject.toml as constraints for pip: `pandas==3.0`.

Tools of the tests are not held down: an installation has none of them, and their own needs (Flask of a mock of
OpenID) would raise the product's libraries.
"""

import tomllib
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def lowest() -> list[str]:
    """Return one constraint for each requirement of an installation.

    Raises:
        ValueError: A requirement has no lower bound.
    """
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    found = []
    for line in project["dependencies"]:
        requirement = Requirement(line)
        bounds = [one.version for one in requirement.specifier if one.operator == ">="]
        if not bounds:
            raise ValueError(f"{line} has no lower bound")
        found.append(f"{requirement.name}=={bounds[0]}")
    return found


if __name__ == "__main__":
    print("\n".join(lowest()))
