"""Keeping a node whole: copies, checks, repairs."""
