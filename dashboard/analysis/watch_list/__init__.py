"""Bounce and unsubscribe levels and alarms."""
