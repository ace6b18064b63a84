"""What several pages share: the connection, the filters, loading, and how a figure or a table is shown."""
