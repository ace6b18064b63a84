"""Wiring of an account: client, caches, history and ledger. No Streamlit."""
