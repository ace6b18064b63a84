"""Short name of `dashboard.analysis.performance.ranking`."""

from dashboard.analysis.performance.ranking import rank

__all__ = ["rank"]
