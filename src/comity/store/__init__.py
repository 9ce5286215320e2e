"""The tables of a node: one writer, one door for reading."""
