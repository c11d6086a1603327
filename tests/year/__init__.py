"""A year of meetings and training, day by day."""
