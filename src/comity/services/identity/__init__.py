"""Who this party is, and whom it knows."""
