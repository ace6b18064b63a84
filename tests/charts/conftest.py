"""Lets the tests of charts import the frames written by hand for the analysis, and the reader of figures."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "analysis")]
