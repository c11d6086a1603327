"""Decisions, votes, and consultations in which silence is not agreement."""
