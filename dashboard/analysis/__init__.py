"""Pure calculations on tidy frames: rates, funnel, sentiment, options, change."""
