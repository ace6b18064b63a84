"""State of a visit: sign-in, account, filters, loaders."""
