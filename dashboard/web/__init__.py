"""What the server answers beside the pages: webhooks, health, and the headers and logs of everything."""
