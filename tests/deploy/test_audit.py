"""What the checks make of pip-audit's answers: a finding fails, a missing answer is said aloud and does not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

AUDIT = Path(__file__).parents[2] / ".ci/audit.py"
FINE = {"name": "rich", "version": "14.0", "vulns": []}
BAD = {"name": "requests", "version": "2.0", "vulns": [{"id": "PYSEC-2018-28", "fix_versions": ["2.20.0"]}]}
SKIPPED = {"name": "click", "skip_reason": "Dependency not found on PyPI"}


@pytest.fixture
def audit(tmp_path):
    """`audit(answer, code, said)` runs the script with a pip-audit that answers so; code and everything it said."""

    def run(answer, code, said=""):
        lines = ["#!" + sys.executable, "import sys", f"sys.stderr.write({said!r})"]
        if answer is not None:
            lines.append(f"open(sys.argv[sys.argv.index('-o') + 1], 'w').write({json.dumps(answer)!r})")
        program = tmp_path / "pip-audit"
        program.write_text("\n".join([*lines, f"sys.exit({code})"]))
        program.chmod(0o755)
        done = subprocess.run([sys.executable, AUDIT, program, "lock"], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    return run


def test_nothing_known_passes(audit):
    assert audit({"dependencies": [FINE]}, 0) == (0, "audit: 1 of 1 packages looked up, 0 known vulnerabilities\n")


def test_a_known_vulnerability_fails_and_is_named_whatever_was_skipped(audit):
    code, said = audit({"dependencies": [FINE, BAD, SKIPPED]}, 1)
    assert code == 1
    assert "requests 2.0: PYSEC-2018-28" in said
    assert "2 of 3 packages looked up, 1 known vulnerabilities" in said
    assert "NOT AUDITED, the database of vulnerabilities does not know or answer: nothing is known of click" in said


@pytest.mark.parametrize("said", ["", "Traceback …\nConnectionError: no route to host\n"])
def test_no_answer_is_said_aloud_and_fails_nothing(audit, said):
    code, heard = audit(None, 1, said)
    assert code == 0
    assert "NOT AUDITED" in heard
    assert ("no route to host" in heard) == bool(said)


def test_what_is_skipped_is_not_called_looked_up(audit):
    code, said = audit({"dependencies": [SKIPPED]}, 0)
    assert code == 0
    assert "0 of 1 packages looked up" in said
    assert "NOT AUDITED" in said
