"""Short name of `dashboard.analysis.stats.proportions`."""

from dashboard.analysis.stats.proportions import wilson, wilson_columns

__all__ = ["wilson", "wilson_columns"]
