"""Trackers and registers taken over from files: read, matched, compared, and taken as a whole or not at all."""
