"""Tables as files: CSV, and all of them in one zip."""
