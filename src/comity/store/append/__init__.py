"""The only writer: every change of a row is made by a function in this folder."""
