"""Parts of pages: cards, tables, charts, messages."""
