"""Short name of `dashboard.analysis.stats.change`."""

from dashboard.analysis.stats.change import Change, compare_many, compare_periods

__all__ = ["Change", "compare_many", "compare_periods"]
