"""Comity: signed, witnessed cooperation between parties that do not fully trust each other."""

__version__ = "0.0.1"
