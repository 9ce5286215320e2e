"""Dated, sourced facts, shipped as data."""
