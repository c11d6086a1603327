"""The first look at a request, before anything else is done with it: cleaned, routed and judged by the guard."""

from __future__ import annotations

import re
from concurrent import futures
from dataclasses import dataclass, replace

import structlog

from bot import logs
from handlers import safety
from handlers.context import Request
from handlers.routes import ROUTES, resolve
from handlers.routing import Kind as Way
from handlers.routing import Route
from handlers.safety import NOT_FAMILY, Look, Screening
from knowledge.guard import Kind

log = structlog.get_logger()

MAX_VALUE = 1_000  # of a button, which carries an id
MAX_TEXT = 100_000  # what is longer is not read at all
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Looked:
    """A request after the first look."""

    request: Request
    route: Route | None
    found: Screening

    @property
    def door(self) -> str:
        """Return the name under which it is counted; never a name that somebody made up."""
        return self.route.name if self.route else "unknown"

    @property
    def in_doubt(self) -> bool:
        """Say whether it depends on who sends it: words of harm in a form that says what to do about harm."""
        return bool(self.route and self.route.procedural) and any(look.urgent for look in self.found.fields.values())

    def settled(self, admitted: futures.Future[bool]) -> Looked:
        """Return what it is now: danger, unless it is known in time that the person may say what to do about harm."""
        if admitted.done() and admitted.result():
            return replace(self, found=self.found.without_urgency())
        admitted.cancel()
        return self


class Screener:
    """Looks at every request of every platform. It lives as long as the dispatcher and reaches no database."""

    def __init__(self, scan: safety.Scan) -> None:
        self._scan = scan
        self._terms: frozenset[str] = frozenset()

    def use(self, terms: frozenset[str]) -> None:
        """Take these names for no family's from now on. It takes a moment, so that the next look takes none."""
        self._scan("ready", terms=terms)
        self._terms = terms

    def look(self, request: Request) -> Looked:
        """Look at a request. Where the guard cannot, nothing of the request passes."""
        route, request = _routed(cleaned(request))
        fields = request.fields
        kept = replace(request, fields={name: value for name, value in fields.items() if name != NOT_FAMILY})
        try:
            found = safety.screen(
                self._scan, request.text, fields, value=request.value, terms=self._terms, plain=_plain(route)
            )
            return Looked(kept, route, self._without_a_verb(request.text, found))
        except Exception as error:  # noqa: BLE001 - whatever it was, nothing may be kept that was not looked at
            log.error("guard failed", error=type(error).__name__, place=logs.place(error))
            return Looked(kept, route, Screening(fields=dict.fromkeys(fields, Look()), failed=True))

    def _without_a_verb(self, text: str, found: Screening) -> Screening:
        """Take words for danger too when they are that without a verb before them: "audit" alone sounds of meetings."""
        verb, _, rest = text.strip().partition(" ")
        known = ROUTES.get(verb.lower())
        if known is None or known.kind is not Way.VERB or not self._scan(rest, terms=self._terms).urgent:
            return found
        return replace(found, typed=replace(found.typed, urgent=True))

    def read(self, text: str) -> Screening:
        """Look at the words of a file. What is too long to be read, or cannot be, does not pass."""
        if len(text) > MAX_TEXT:
            return Screening(failed=True)
        try:
            return safety.screen(self._scan, _UNPRINTABLE.sub("", text), {}, terms=self._terms)
        except Exception as error:  # noqa: BLE001 - as above
            log.error("guard failed", error=type(error).__name__, place=logs.place(error))
            return Screening(failed=True)


def _plain(route: Route | None) -> dict[str, Kind]:
    """Return the boxes of a form in which a name, or a day, may stand by itself."""
    if route is None:
        return {}
    return dict.fromkeys(route.names, Kind.NAME) | dict.fromkeys(route.days, Kind.DOB)


def cleaned(request: Request) -> Request:
    """Return a request as it is read: without characters that nobody sees, and not longer than is read at all."""
    return replace(
        request,
        text=_UNPRINTABLE.sub("", request.text[:MAX_TEXT]),
        value=_UNPRINTABLE.sub("", request.value[:MAX_VALUE]),
        fields={name: _UNPRINTABLE.sub("", value[:MAX_TEXT]) for name, value in request.fields.items()},
    )


def _routed(request: Request) -> tuple[Route | None, Request]:
    if request.route:
        return ROUTES.get(request.route), request
    route, words = resolve(request.text)
    return route, replace(request, text=words)
