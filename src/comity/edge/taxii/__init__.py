"""TAXII 2.1 for the tools of analysts: what docs/reference/taxii.md says, on the hot path."""
