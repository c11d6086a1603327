"""The plan of a year, and the days that it keeps clear of."""
