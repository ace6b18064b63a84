"""Intervals, changes and shrinkage of proportions."""
