"""Teams' way in and out: its activities to the dispatcher, and the replies back in the form that each one allows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, assert_never
from weakref import WeakValueDictionary

import structlog
from starlette.routing import Route

from bot.background import Background
from bot.dispatcher import Dispatcher
from bot.sending import TryLater
from bot.settings import Settings
from bot.teams import chats, incoming, render, wordings
from bot.teams.chats import Chats
from bot.teams.door import NOT_KNOWN, NOTHING, Answer, Door
from bot.teams.fitting import Json
from bot.teams.history import GraphHistory
from bot.teams.incoming import PLATFORM, Payload
from bot.teams.sdk import PATH, Connector
from bot.teams.sender import TIMEOUT_SECONDS, TeamsSender
from db.deliveries import Destination
from handlers import refusals
from handlers.context import Request
from handlers.messages import Card, Errors, Form, Reply

log = structlog.get_logger()

DRAIN_SECONDS = 15
TRIES, PATIENCE, MOST_PATIENCE = 5, timedelta(seconds=1), timedelta(seconds=30)
_KIND = 60  # characters of the name of a kind that are logged
_CARD = render.CONTENT_TYPE
_SAID = "application/vnd.microsoft.activity.message"


def build(
    dispatcher: Dispatcher, settings: Settings, *, steady: Callable[[], float], timeout: float = TIMEOUT_SECONDS
) -> Teams:
    """Return the adapter of Teams. Nothing is fetched before it is started."""
    connector = Connector(settings, steady=steady, timeout=timeout)
    history = GraphHistory(connector, settings.teams_graph_url, allowed=settings.teams_history)
    return Teams(dispatcher, connector, history, settings)


class Teams:
    """The adapter. It lives as long as the process; between `start` and `stop` it answers and sends.

    `asgi`, which `routes` put in its place, answers `POST /api/messages`; `sender` posts what the outbox holds.
    """

    def __init__(self, dispatcher: Dispatcher, connector: Connector, history: GraphHistory, settings: Settings) -> None:
        self._dispatcher = dispatcher
        self._connector = connector
        self._chats = Chats(dispatcher)
        self._background = Background(lambda _: "")
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self.sender = TeamsSender(
            connector, self._chats, history, settings.teams_tenant_ids[0],
            pace=settings.teams_pace, per_second=settings.teams_per_second,
        )  # fmt: skip
        self.asgi = Door(connector, self._received, settings.teams_tenant_ids, self._background)
        self.routes = [Route(PATH, self.asgi, methods=["POST"])]

    async def start(self) -> None:
        """Try the credentials and fetch the keys. Raises StartupError."""
        try:
            await self._connector.start()
        except BaseException:
            await self._connector.stop()
            raise

    async def stop(self) -> None:
        """Finish what is under way, and close the connections."""
        await self.settled()
        await self._connector.stop()

    async def settled(self) -> None:
        """Wait until nothing that a request set going runs any more."""
        await self._background.drain(DRAIN_SECONDS)

    async def _received(self, body: Payload) -> Answer:
        if not incoming.who(body).user_id:
            return NOTHING
        match body["type"]:
            case "message":
                return await self._message(body)
            case "invoke":
                return await self._invoke(body)
            case "installationUpdate":
                return await self._installed(body)
            case "conversationUpdate":
                return await self._changed(body)
            case kind:
                log.info("activity not used", kind=kind[:_KIND])
                return NOTHING

    async def _message(self, body: Payload) -> Answer:
        if isinstance(body.get("value"), dict) and not body.get("text"):  # a button of a kind that older cards have
            body = {**body, "value": {"data": body["value"]}}
            return await self._pressed(body, incoming.submitted(body))
        request = incoming.message(body)
        if request is None:
            return NOTHING
        await self._remember(body, request)
        await self._reply(request)
        return NOTHING

    async def _reply(self, request: Request) -> None:
        """Say what is not on its way already. Who asked in a channel opens a form there, and reads all else alone."""
        reply = await self._dispatcher.handle(request)
        if isinstance(reply, Form) and request.in_public:
            self._post(request.in_public, render.launcher(wordings.FORM, request.text))
        elif reply is not None and request.reply_to:
            self._post(request.reply_to, _drawn(reply))

    async def _invoke(self, body: Payload) -> Answer:
        match body.get("name"):
            case "adaptiveCard/action":
                found = incoming.sent(body)
                if found:
                    return await self._sent_in_chat(body, *found)
                return await self._pressed(body, incoming.pressed(body))
            case "task/fetch":
                return await self._opens(incoming.fetched(body))
            case "composeExtension/fetchTask":
                return await self._opens(incoming.chosen(body))
            case "task/submit" | "composeExtension/submitAction":
                return await self._sent(body)
            case name:
                log.info("question not known", kind=str(name)[:_KIND])
                return NOT_KNOWN

    async def _pressed(self, body: Payload, request: Request) -> Answer:
        """Answer a button: with the card that takes its place, or beside it, where only the person reads it."""
        await self._remember(body, request)
        reply = await self._dispatcher.handle(request)
        if reply is None:
            return _said(wordings.BEFORE)
        drawn = _drawn(reply)
        if isinstance(reply, Card) and reply.replaces:
            self._replace(body, drawn)
            return _shown(drawn)
        if self._dispatcher.leaves_no_trace(request):
            return _shown(drawn)  # to them alone, until they look at it again; nothing is posted
        where = incoming.place(body)
        only_for = "" if where.private else request.identity.user_id
        self._post(Destination(PLATFORM, where.address, where.thread, only_for), drawn)
        return _said(wordings.ANSWERED if where.private else wordings.ANSWERED_PRIVATELY)

    async def _sent_in_chat(self, body: Payload, form: Form, typed: Mapping[str, str], request: Request) -> Answer:
        """Answer a form that stands in a chat: with itself and what is wrong, or with what came of it."""
        await self._remember(body, request)
        match await self._dispatcher.handle(request):
            case None:
                return _said(wordings.BEFORE)
            case (Errors() | Card(refused=True)) as instead if form.fields:
                return _shown(render.inline_form(form, values=typed, instead=instead))
            case Form() as another:
                drawn = render.inline_form(another)
            case (Card() | Errors()) as reply:
                drawn = render.message(_card(reply))
            case other:
                assert_never(other)
        self._replace(body, drawn)
        return _shown(drawn)

    async def _opens(self, request: Request) -> Answer:
        return _dialog(await self._dispatcher.handle(request))

    async def _sent(self, body: Payload) -> Answer:
        """Answer a dialog: a form that was sent, or a button that was pressed in it."""
        found = incoming.sent(body)
        if found is None:
            return _dialog(await self._dispatcher.handle(incoming.submitted(body)))
        form, typed, request = found
        match await self._dispatcher.handle(request):
            case (Errors() | Card(refused=True)) as instead if form.fields:
                return _task(render.dialog(form, values=typed, instead=instead))
            case reply:
                return _dialog(reply)

    async def _installed(self, body: Payload) -> Answer:
        """Greet a person who added the app, and say nothing more where it was taken out."""
        action = str(body.get("action", ""))
        if action.startswith("remove"):
            await self._chats.silence(chats.address(body), team=chats.team(body))
            return NOTHING
        request = incoming.opened(body)
        await self._remember(body, request)
        if team := chats.team(body):
            await self._chats.speak_again(team)
        if action == "add" and request.conversation and request.conversation.private:
            await self._reply(request)
        return NOTHING

    async def _changed(self, body: Payload) -> Answer:
        """Remember a conversation into which the bot came, and forget one out of which it was taken."""
        if incoming.concerns_the_bot(body, "membersRemoved"):
            await self._chats.silence(chats.address(body), team=chats.team(body))
        elif incoming.concerns_the_bot(body, "membersAdded"):
            await self._remember(body, incoming.opened(body))
        return NOTHING

    async def _remember(self, body: Payload, request: Request) -> None:
        """Keep where somebody can be answered, unless nobody is to know that they were there."""
        if chats.address(body) and not self._dispatcher.leaves_no_trace(request):
            await self._chats.keep(chats.of_activity(body, who=request.identity.user_id))

    def _post(self, to: Destination, drawn: Json) -> None:
        self._background.begin("message", lambda: _patiently(lambda: self.sender.post(to, drawn)))

    def _replace(self, body: Payload, drawn: Json) -> None:
        """Put a card in the place of the one whose button was pressed, for everybody who sees it, the newest last."""
        replaced = str(body.get("replyToId") or "")
        if not replaced:
            return
        chat = chats.of_activity(body, who="")
        turn = self._turns.setdefault((chat.address, replaced), asyncio.Lock())

        async def send() -> None:
            async with turn:  # also while it waits for Teams: or an older card would come after a newer one
                await _patiently(lambda: self.sender.replace(chat, replaced, drawn))

        self._background.begin("replacement", send)


async def _patiently(send: Callable[[], Awaitable[object]]) -> None:
    """Send what cannot wait in the outbox, and try it again where Teams asks for a little patience."""
    for tried in range(TRIES - 1):
        try:
            await send()
        except TryLater as later:
            wait = later.wait or PATIENCE * 2**tried
            if wait > MOST_PATIENCE:
                raise
            await asyncio.sleep(wait.total_seconds())
        else:
            return
    await send()


def _drawn(reply: Reply) -> Json:
    return render.inline_form(reply) if isinstance(reply, Form) else render.message(_card(reply))


def _card(reply: Card | Errors) -> Card:
    return reply if isinstance(reply, Card) else refusals.without_form(reply)


def _dialog(reply: Reply | None) -> Answer:
    match reply:
        case None:
            return _task(render.dialog_card(wordings.ALREADY))
        case Form():
            return _task(render.dialog(reply))
        case Card() | Errors():
            return _task(render.dialog_card(_card(reply)))
        case _:
            assert_never(reply)


def _task(value: Json) -> Answer:
    return Answer(body={"task": {"type": "continue", "value": value}})


def _shown(drawn: Mapping[str, Any]) -> Answer:
    return Answer(body={"statusCode": 200, "type": _CARD, "value": drawn["attachments"][0]["content"]})


def _said(text: str) -> Answer:
    return Answer(body={"statusCode": 200, "type": _SAID, "value": text})
