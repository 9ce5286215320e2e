"""Protocols for clarification, negotiation and what was agreed."""
