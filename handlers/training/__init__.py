"""The catalogue: courses, sessions and events, their dates, and where they are posted."""
