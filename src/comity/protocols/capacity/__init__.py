"""Protocols for needs, offers and following results."""
