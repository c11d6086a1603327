"""Calendar files of meetings and sessions, and a private feed for each person."""
