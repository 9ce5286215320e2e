"""English as most readers of it write it: the day, then the month, then the year."""

DATE_FORMAT = "j F Y"
