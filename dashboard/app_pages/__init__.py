"""The pages: each asks for what it shows and lays it out, nothing more."""
