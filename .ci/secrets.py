"""Find what looks like a secret in the repository and is not on the list of made-up ones.

`python .ci/secrets.py` ends with 1 when there is one; `--accept` rewrites the list, to be read in the change.
The list holds hashes: a line that moves changes nothing, a new value does.
"""

import json
import subprocess
import sys
from pathlib import Path

from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings

MADE_UP = Path(__file__).with_name("made_up_secrets.json")


def found() -> dict[str, dict[str, int]]:
    """Return, by file, the hash and the line of everything that looks like a secret."""
    listed = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True, text=True).stdout  # noqa: S607
    secrets = SecretsCollection()
    with default_settings():
        for name in listed.split("\0")[:-1]:
            if Path(name).name != MADE_UP.name:
                secrets.scan_file(name)
    by_file: dict[str, dict[str, int]] = {}
    for name, secret in secrets:
        by_file.setdefault(name, {})[secret.secret_hash] = secret.line_number
    return by_file


def main() -> int:
    """Compare, or with `--accept` write the list. Returns the exit code."""
    now = found()
    if "--accept" in sys.argv[1:]:
        hashes = {name: sorted(lines) for name, lines in sorted(now.items())}
        MADE_UP.write_text(json.dumps(hashes, indent=1) + "\n", encoding="utf-8")
        return 0
    known = json.loads(MADE_UP.read_text(encoding="utf-8"))
    new = [
        f"{name}:{line}" for name, lines in now.items() for key, line in lines.items() if key not in known.get(name, ())
    ]
    for place in sorted(new):
        print(f"{place} looks like a secret. If it is made up: python .ci/secrets.py --accept")
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
