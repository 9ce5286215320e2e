"""Node to node."""
