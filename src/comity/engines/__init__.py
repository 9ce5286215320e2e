"""Pure computation over facts: what can be worked out from what is known."""
