"""Pure mappings between acts and the formats of the world."""
