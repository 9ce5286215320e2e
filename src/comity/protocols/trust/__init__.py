"""Protocols by which parties come to rely on each other."""
