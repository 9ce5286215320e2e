"""Protocols of the kernel itself, of no pillar."""
