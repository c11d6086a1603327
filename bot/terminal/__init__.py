"""The terminal: the same bot, in plain text."""
