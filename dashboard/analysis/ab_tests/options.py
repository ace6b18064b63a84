"""Options of A/B steps: which were used, and, re-exported, how they are compared.

The higher rate of a date range names no winner; that takes `compare_options`.
"""

import pandas as pd

from dashboard.analysis.ab_tests.evidence import (
    log_e,
    log_e_by_day,
    log_e_path,
    ratio_by_day,
    ratio_interval_by_day,
)
from dashboard.analysis.ab_tests.verdicts import OptionComparison, compare_options

__all__ = [
    "OptionComparison",
    "compare_options",
    "log_e",
    "log_e_by_day",
    "log_e_path",
    "ratio_by_day",
    "ratio_interval_by_day",
    "used_options",
]


def used_options(options: pd.DataFrame) -> pd.DataFrame:
    """Return the options that sent at least one email."""
    return options[(options["emails_sent"] > 0).fillna(value=False)]
