"""The pages behind an e-mail's links. Looking at one does nothing: mail programs look at links before people do."""

from __future__ import annotations

import functools
import hashlib
from typing import Protocol
from urllib.parse import parse_qs

from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.dispatcher import Dispatcher
from bot.email import render
from bot.email.links import PRESS, START, STOP, Pages
from bot.pages import look
from bot.pages.safety import SafetyHeaders
from handlers import context as asked
from handlers import mailing
from handlers.context import Context, Conversation, UserError
from handlers.mailing import Choice, Pressing
from handlers.messages import Card, Reply

MAX_BYTES = 4_000  # of a form with one hidden box
_GONE, _TOO_LONG = 410, 413
_LONGEST_ONCE = 100
_TEMPLATES = look.templates("bot.email")


def routes(dispatcher: Dispatcher, pages: Pages) -> list[BaseRoute]:
    """Return the routes of the pages. They need `/look`, which the download page brings."""
    page = _Pages(dispatcher, pages)
    doors = {
        PRESS: {"GET": page.show, "POST": page.press},
        STOP: {"GET": page.choice, "POST": page.stop},
        START: {"POST": page.start},
    }
    return [
        Route(f"{path}{{token}}", door, methods=[method], middleware=[Middleware(SafetyHeaders)])
        for path, by_method in doors.items()
        for method, door in by_method.items()
    ]


class _Work(Protocol):
    def __call__(self, context: Context, token: str) -> Choice: ...


class _Pages:
    """Asks the dispatcher what a link may do. It lives as long as the server."""

    def __init__(self, dispatcher: Dispatcher, pages: Pages) -> None:
        self._dispatcher = dispatcher
        self._pages = pages

    async def show(self, request: Request) -> Response:
        """Show what a button would do, for whom, and the button."""
        try:
            pressing = await self._pressing(request)
        except UserError as error:
            return self._gone(error)
        once = await self._dispatcher.in_transaction(lambda context: context.token)
        return self._html("press.html", pressing=pressing, once=once)

    async def press(self, request: Request) -> Response:
        """Do what the button does, once for each page that was shown, as the one the e-mail was for."""
        fields = await _fields(request)
        if fields is None:
            return PlainTextResponse("Too long.\n", _TOO_LONG)
        try:
            pressing = await self._pressing(request)
        except UserError as error:
            return self._gone(error)
        token = hashlib.sha256(request.path_params["token"].encode()).hexdigest()
        reply = await self._dispatcher.handle(
            asked.Request(
                pressing.identity,
                route=pressing.action,
                value=pressing.value,
                conversation=Conversation(pressing.identity.platform, pressing.identity.user_id),
                key=f"mail:{token}:{fields.get('once', '')[:_LONGEST_ONCE]}",
            )
        )
        return await self._answer(pressing, reply)

    async def choice(self, request: Request) -> Response:
        """Show which e-mails a link stops, and the button."""
        return await self._chosen(request, mailing.choice, done=False)

    async def stop(self, request: Request) -> Response:
        """Stop a kind of e-mail. Mail programs may do this without a page."""
        return await self._chosen(request, functools.partial(mailing.choose, wanted=False), done=True)

    async def start(self, request: Request) -> Response:
        """Send a kind of e-mail again."""
        return await self._chosen(request, functools.partial(mailing.choose, wanted=True), done=True)

    async def _pressing(self, request: Request) -> Pressing:
        token = request.path_params["token"]
        return await self._dispatcher.in_transaction(lambda context: mailing.pressing(context, token))

    async def _chosen(self, request: Request, work: _Work, *, done: bool) -> Response:
        token = request.path_params["token"]
        try:
            found = await self._dispatcher.in_transaction(lambda context: work(context, token=token))
        except UserError as error:
            return self._gone(error)
        return self._html("choice.html", choice=found, done=done, stop=f"{STOP}{token}", start=f"{START}{token}")

    async def _answer(self, pressing: Pressing, reply: Reply | None) -> Response:
        if not isinstance(reply, Card):
            title = "That was done already" if reply is None else "This needs a form"
            return self._html("elsewhere.html", title=title, instead="" if reply is None else self._pages.instead)
        address = pressing.identity.user_id
        tokens = await self._dispatcher.in_transaction(lambda context: mailing.tokens(context, address, reply))
        links = render.Links(
            press=functools.partial(self._pages.press, tokens),
            instead=self._pages.instead,
            pictures=f"{self._pages.public_url}/",
        )
        to, forms = render.pressed(reply.actions, links)
        return self._html(
            "done.html", card=reply, body=render.body_html(reply, links), to=to, forms=forms, instead=links.instead
        )

    def _gone(self, error: UserError) -> Response:
        return self._html("gone.html", status=_GONE, message=str(error), hint=error.hint)

    def _html(self, template: str, *, status: int = 200, **values: object) -> Response:
        page = _TEMPLATES.get_template(template).render(partnership=self._dispatcher.house.partnership, **values)
        return HTMLResponse(page, status_code=status)


async def _fields(request: Request) -> dict[str, str] | None:
    """Return what a page's form sent; None when it is longer than any of ours."""
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > MAX_BYTES:
                return None
    except ClientDisconnect:
        return None
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
