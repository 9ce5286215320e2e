"""Protocols for passing on what is known about threats and flaws."""
