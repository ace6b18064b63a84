"""Cadence performance for sales managers who run outbound in Klenty."""
