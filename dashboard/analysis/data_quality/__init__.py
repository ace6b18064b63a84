"""Checks of the data and what they found."""
