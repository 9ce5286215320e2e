"""Points of contact in the formats of the world, one module each.

Each has ``read(text) -> Reading`` and ``write(contacts) -> Writing``. Nothing is dropped silently:
what has no field is kept in ``rest``, and what is lost is told.
"""
