"""Responding together: what is written, owed and measured on cases."""
