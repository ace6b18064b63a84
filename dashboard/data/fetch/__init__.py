"""Fetching reports from Klenty and caching them."""
