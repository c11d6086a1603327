"""Risks: raised as alerts, scored, owned, reviewed, accepted, escalated and closed; and the check of the register."""
