"""A/B options under a short name: see `dashboard.analysis.ab_tests.options`."""

from dashboard.analysis.ab_tests.options import (
    OptionComparison,
    compare_options,
    log_e,
    log_e_by_day,
    log_e_path,
    ratio_by_day,
    ratio_interval_by_day,
)

__all__ = [
    "OptionComparison",
    "compare_options",
    "log_e",
    "log_e_by_day",
    "log_e_path",
    "ratio_by_day",
    "ratio_interval_by_day",
]
