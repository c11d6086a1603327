"""Counts for operators. They hold no words and no ids: only platforms, kinds of requests and how they ended."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

REQUESTS = Counter("thscp_requests", "Requests by platform and by how they ended.", ["platform", "ended"])
SCREENED = Counter("thscp_screened", "Requests that the guard did not simply pass.", ["platform", "decision"])
SECONDS = Histogram(
    "thscp_request_seconds",
    "Time from request to reply.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2),
)
