"""Verdicts on A/B steps."""
