"""Ask pip-audit about the packages of a lock: fails for what is known to be vulnerable, not for a missing answer.

usage: python .ci/audit.py PIP_AUDIT LOCK [option of pip-audit]…

Without the database of vulnerabilities pip-audit skips packages, or fails: neither says anything about the lock. So
that is said aloud (NOT AUDITED), and is no failure.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

LONGEST = 600


def main(pip_audit: str, lock: str, *options: str) -> int:
    """Say what is known; 1 when a package has a known vulnerability."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "audit.json"
        command = [pip_audit, "-r", lock, "--require-hashes", "--disable-pip", "--progress-spinner", "off"]
        command += ["-f", "json", "-o", str(answer), *options]
        try:
            asked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST)
        except subprocess.TimeoutExpired:
            return not_audited(f"no answer in {LONGEST} seconds")
        try:
            packages = json.loads(answer.read_text("utf-8"))["dependencies"]
        except (OSError, ValueError):
            return not_audited((asked.stderr.strip().splitlines() or ["pip-audit gave no answer"])[-1])
    known = [(one["name"], one["version"], bad["id"]) for one in packages for bad in one.get("vulns", [])]
    skipped = [one["name"] for one in packages if "skip_reason" in one]
    for name, version, vulnerability in known:
        print(f"{name} {version}: {vulnerability}", file=sys.stderr)
    asked_about = len(packages) - len(skipped)
    print(f"audit: {asked_about} of {len(packages)} packages looked up, {len(known)} known vulnerabilities")
    if skipped:
        not_audited(f"nothing is known of {', '.join(skipped)}")
    return 1 if known else 0


def not_audited(why: str) -> int:
    """Say it where it cannot be overlooked."""
    print(f"audit: NOT AUDITED, the database of vulnerabilities does not know or answer: {why}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
