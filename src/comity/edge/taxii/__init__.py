"""TAXII 2.1 for the tools of analysts."""
