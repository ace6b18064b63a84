"""What Klenty's webhooks delivered: reading a delivery, keeping it, and the address that they are sent to."""
