"""Node to node: the doors that other nodes knock at."""
