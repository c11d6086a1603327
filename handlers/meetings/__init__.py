"""Meetings: their life, who comes, whether they are quorate, who was there."""
