"""From Klenty to tidy frames: windows, fetching, the store of answers."""
