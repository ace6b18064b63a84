"""Read-only questions that settle how an account's reports count."""
