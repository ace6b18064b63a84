"""Write what an installation of requirements.lock consists of, from the metadata of the installed packages.

usage: python .ci/licences.py [--check]

Writes `deploy/sbom.cdx.json`, a CycloneDX bill of materials that travels in the wheel (PEP 770), and
`docs/licences.md`, the same with licences for people. With `--check` both are compared instead, and 1 is returned
when one is not current.
"""

import json
import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parents[1]
BOM = ROOT / "deploy" / "sbom.cdx.json"
TABLE = ROOT / "docs" / "licences.md"
UNKNOWN = "not stated"


def locked(text: str) -> list[tuple[str, str]]:
    """Return name and version of every release in the text of a lock."""
    return re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", text, re.MULTILINE)


def licence_of(package: Distribution) -> str:
    """Return the licence that a package's metadata names: its SPDX expression, else its classifiers, else its field."""
    if expression := package.metadata["License-Expression"]:
        return str(expression)
    marks = [one for one in package.metadata.get_all("Classifier") or [] if one.startswith("License :: ")]
    names = [re.sub(r"^.* :: ", "", mark) for mark in marks if mark != "License :: OSI Approved"]
    if names:
        return ", ".join(names)
    field = (package.metadata["License"] or "").strip()
    return field if 0 < len(field) < 60 and "\n" not in field else UNKNOWN


def made() -> dict[Path, str]:
    """Return the two files' texts.

    Raises:
        PackageNotFoundError: A release of the lock is not installed.
    """
    found = [
        (name, version, _licence(name)) for name, version in locked((ROOT / "requirements.lock").read_text("utf-8"))
    ]
    components = [
        {
            "type": "library",
            "bom-ref": f"pkg:pypi/{name}@{version}",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name}@{version}",
            "licenses": [{"license": {"name": licence}}],
        }
        for name, version, licence in found
    ]
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components}
    lines = [
        "# Licences",
        "",
        "What `requirements.lock` installs, with the licence that each package's own metadata names.",
        "`make licences` writes this list, and the bill of materials in the wheel (`.dist-info/sboms/`).",
        "",
        "| package | version | licence |",
        "| --- | --- | --- |",
        *(f"| {name} | {version} | {licence.replace('|', '/')} |" for name, version, licence in found),
    ]
    return {BOM: json.dumps(bom, indent=1) + "\n", TABLE: "\n".join(lines) + "\n"}


def _licence(name: str) -> str:
    try:
        return licence_of(distribution(name))
    except PackageNotFoundError:
        raise PackageNotFoundError(f"{name} is in requirements.lock and not installed here") from None


def main() -> int:
    """Write the files, or with `--check` say which is not current."""
    texts = made()
    if "--check" in sys.argv:
        stale = [path for path, text in texts.items() if not path.is_file() or path.read_text("utf-8") != text]
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what requirements.lock says; run: make licences", file=sys.stderr)
        return 1 if stale else 0
    for path, text in texts.items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
