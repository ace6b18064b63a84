"""Endpoints of Klenty's API, one module per resource."""
