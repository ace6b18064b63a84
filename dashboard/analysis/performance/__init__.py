"""Figures of cadences: totals, funnel, sentiment, ranking, trends."""
