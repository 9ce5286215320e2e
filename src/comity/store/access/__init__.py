"""The only door for reading: every row is read by a function in this folder."""
