"""Use cases: one verb, one function, one short transaction."""
