"""Every table, gathered for the migrations."""

from db import approvals, audit, deliveries, enquiries, feedback, people, questions, requests, screenings, terms
from db.base import Base

__all__ = [
    "approvals", "audit", "deliveries", "enquiries", "feedback", "people", "questions", "requests", "screenings",
    "terms",
]  # fmt: skip

metadata = Base.metadata
