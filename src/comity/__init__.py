"""Comity: signed, witnessed cooperation between parties that do not fully trust each other."""
