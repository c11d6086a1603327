"""What people can type, press and send about their calendar, and who may. It is part of the one table."""

from __future__ import annotations

from handlers.calendars import feed, single
from handlers.routing import Kind, Route

ROUTES: tuple[Route, ...] = (
    Route("calendar", feed.show, Kind.VERB, help="See your dates, and have them in your own calendar."),
    Route("calendars.give", feed.give, Kind.BUTTON),
    Route("calendars.revoke", feed.revoke, Kind.BUTTON),
    Route("calendars.file", single.link, Kind.BUTTON),
)
