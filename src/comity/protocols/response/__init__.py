"""Protocols for acting together while something happens."""
