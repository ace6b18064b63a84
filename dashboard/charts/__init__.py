"""Frames in, plotly figures out; nothing is drawn here."""
