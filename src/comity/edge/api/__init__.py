"""The REST interface for a party's own programs."""
