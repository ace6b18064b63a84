"""Endpoints of Klenty's API, one module per resource; which of them may be repeated is in `operations.py`."""
