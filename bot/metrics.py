"""Counts for operators. They hold no words and no ids: only platforms, kinds of requests and how they ended."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import Counter, Histogram

from db.outcomes import Outcome

REQUESTS = Counter("thscp_requests", "Requests by platform and by how they ended.", ["platform", "ended"])
SCREENED = Counter("thscp_screened", "Requests that the guard did not simply pass.", ["platform", "decision"])
SECONDS = Histogram(
    "thscp_request_seconds",
    "Time from request to reply.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2),
)
DELIVERIES = Counter(
    "thscp_deliveries", "Sendings by platform, queue and how they ended.", ["platform", "queue", "ended"]
)
LOOKS = Counter("thscp_looks", "Deliveries that were looked for, by platform and how.", ["platform", "found"])


def ended(outcomes: Iterable[Outcome]) -> None:
    """Count how sendings ended."""
    for outcome in outcomes:
        held = outcome.held
        DELIVERIES.labels(held.destination.platform, held.queue.value, outcome.end.value).inc()


def looked(platform: str, found: str, number: int) -> None:
    """Count deliveries that were looked for: those that were there, absent, or nowhere to be looked for."""
    if number:
        LOOKS.labels(platform, found).inc(number)
