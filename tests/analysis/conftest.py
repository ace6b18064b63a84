"""Puts the frames written by hand within reach of these tests, whatever the way pytest is started."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
