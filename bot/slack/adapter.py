"""Slack's way in and out: its requests to the dispatcher, and the replies back in the form that each request allows."""

from __future__ import annotations

import asyncio
import logging
import re
from http import HTTPStatus
from typing import Any, assert_never

import aiohttp
import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient
from starlette.routing import Route

from bot.background import Background
from bot.clock import Clock, wall
from bot.dispatcher import Dispatcher
from bot.findings import StartupError
from bot.settings import Settings
from bot.slack import dates, incoming, render, wordings
from bot.slack.door import Door
from bot.slack.incoming import PLATFORM, Payload
from bot.slack.manifest import PATH, scopes
from bot.slack.sender import TIMEOUT_SECONDS, SlackSender, error_code
from bot.slack.socket import Socket
from db.deliveries import Destination
from handlers import refusals
from handlers.messages import Button, Card, Errors, Field, Form, Reply, Tone

log = structlog.get_logger()

OPEN_SECONDS = 2.5  # a view must be opened, and Slack answered, within 3 seconds
DRAIN_SECONDS = 15
MAX_PROMPTS = 4
_ANYTHING = re.compile(r".*", re.DOTALL)
_DONE = BoltResponse(status=200, body="")
_FAILURES = (SlackApiError, aiohttp.ClientError, TimeoutError)


def build(dispatcher: Dispatcher, settings: Settings, *, clock: Clock | None = None) -> Slack:
    """Return Slack's adapter, which tells the clock what time Slack's answers show.

    Raises StartupError when the settings have a bot token and no way in.
    """
    token, secret, app_token = (
        found.get_secret_value() if found else ""
        for found in (settings.slack_bot_token, settings.slack_signing_secret, settings.slack_app_token)
    )
    if not token or not (secret or app_token):
        raise StartupError(
            "slack.no-door",
            "Slack needs a bot token, and a signing secret or an app token.",
            "See docs/slack.md: THSCP_SLACK_BOT_TOKEN, and THSCP_SLACK_SIGNING_SECRET or THSCP_SLACK_APP_TOKEN.",
        )
    quiet = logging.getLogger(f"{__name__}.library")
    quiet.setLevel(logging.CRITICAL)  # both libraries log bodies and ids; what matters is logged here
    quiet.addFilter(lambda _: False)  # and whoever turns the level up again reads nothing either
    client = AsyncWebClient(token, settings.slack_api_url, timeout=TIMEOUT_SECONDS, retry_handlers=[], logger=quiet)
    sender = SlackSender(
        client,
        pace=settings.slack_channel_pace,
        per_second=settings.slack_per_second,
        history=settings.slack_history,
    )
    return Slack(dispatcher, client, sender, scopes(settings), signing_secret=secret, app_token=app_token, clock=clock)


class Slack:
    """The adapter. It lives as long as the process; between `start` and `stop` it answers and sends.

    `asgi`, which `routes` put in its place, answers `POST /slack/events`; `sender` posts what the outbox holds.
    `wanted` are the scopes that the app should have been given.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        client: AsyncWebClient,
        sender: SlackSender,
        wanted: list[str],
        *,
        signing_secret: str,
        app_token: str,
        clock: Clock | None = None,
    ) -> None:
        self._dispatcher = dispatcher
        self._client = client
        self._listening = [dates.telling(clock)] if clock else []
        self._me = AuthorizeResult(enterprise_id=None, team_id=None, bot_token=client.token)
        self._background = Background(_code)
        app = self._bolt(client)
        self._socket = Socket(app, app_token, client, self._background) if app_token else None
        self.asgi = Door(app, signing_secret, self._background, clock or wall)
        self.routes = [Route(PATH, self.asgi, methods=["POST"])]
        self.sender = sender
        self._wanted = wanted

    async def start(self) -> None:
        """Ask Slack once who we are, and connect where Socket Mode is on. Raises StartupError."""
        self._client.session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS), trace_configs=self._listening
        )
        try:
            me = await self._client.auth_test()
            self._me = AuthorizeResult.from_auth_test_response(bot_token=self._client.token, auth_test_response=me)
            _report_scopes(me.headers.get("x-oauth-scopes", ""), self._wanted)
            if self._socket:
                await self._socket.start()
        except BaseException as error:
            await self._client.session.close()
            if isinstance(error, _FAILURES):
                raise _no_start(error) from error
            raise

    async def stop(self) -> None:
        """Stop listening, finish what is under way, and close the connections."""
        if self._socket:
            await self._socket.stop()
        await self.settled()
        if self._client.session:
            await self._client.session.close()

    async def settled(self) -> None:
        """Wait until nothing that a request set going runs any more."""
        await self._background.drain(DRAIN_SECONDS)

    def _bolt(self, client: AsyncWebClient) -> AsyncApp:
        async def authorize() -> AuthorizeResult:  # Bolt passes a method's `self` by name
            return self._me

        app = AsyncApp(
            logger=client.logger,
            name="thscp",
            client=client,
            authorize=authorize,
            process_before_response=True,
            raise_error_for_unhandled_request=True,
            request_verification_enabled=False,  # the door does it, before the body is taken apart
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )
        app.command(_ANYTHING)(self._command)
        app.action(_ANYTHING)(self._pressed)
        app.event(_ANYTHING)(self._event)
        app.view(_ANYTHING)(self._sent)
        app.error(self._failed)
        return app

    async def _command(self, body: dict[str, Any]) -> BoltResponse:
        match await self._dispatcher.handle(incoming.command(body)):
            case None:
                return _DONE
            case Form() as form:
                await self._show(body, render.modal(form), wordings.NOT_OPENED)
                return _DONE
            case (Card() | Errors()) as reply:
                return _answer({"response_type": "ephemeral", **render.message(_card(reply))})
            case other:
                assert_never(other)

    async def _pressed(self, body: dict[str, Any]) -> BoltResponse:
        request = incoming.pressed(body)
        reply = await self._dispatcher.handle(request) if request else None
        match reply:
            case None:
                pass
            case Form():
                await self._show(body, render.modal(reply), wordings.NOT_OPENED)
            case Card() | Errors() if "view" in body:
                card = _card(reply)
                await self._show(body, render.modal_card(card), card)
            case Card() | Errors():
                self._respond(body, _card(reply))
            case _:
                assert_never(reply)
        return _DONE

    async def _sent(self, body: dict[str, Any]) -> BoltResponse:
        match await self._dispatcher.handle(incoming.sent(body)):
            case None:
                return _DONE
            case Errors(_, also=Field() as extra) as found if not incoming.has_box(body, extra):
                view = render.asked_besides(body["view"], render.errors(found), extra)
                return _answer({"response_action": "update", "view": view})
            case Errors() as found if known := incoming.errors_of(body, render.errors(found)):
                return _answer({"response_action": "errors", "errors": known})
            case Form() as form:
                return _answer({"response_action": "update", "view": render.modal(form)})
            case (Card() | Errors()) as reply:
                card = _card(reply)
                # a form that could not be taken stays underneath, with what the person typed
                action = "push" if card.tone is Tone.WARNING else "update"
                return _answer({"response_action": action, "view": render.modal_card(card)})
            case other:
                assert_never(other)

    async def _event(self, body: dict[str, Any]) -> BoltResponse:
        kind = body["event"]["type"]
        if kind == "app_home_opened":
            await self._opened(body)
            return _DONE
        request = incoming.direct_message(body) if kind == "message" else None
        request = incoming.mention(body) if kind == "app_mention" else request
        reply = await self._dispatcher.handle(request) if request else None
        if request and request.reply_to and reply is not None:
            to, card, key = request.reply_to, _card(reply), request.key or ""
            self._background.begin("reply that was not queued", lambda: self._send(to, card, key))
        return _DONE

    async def _send(self, to: Destination, card: Card, key: str) -> None:
        await self.sender.send(to, card, delivery_id=key)

    async def _opened(self, body: Payload) -> None:
        reply = await self._dispatcher.handle(incoming.opened(body))
        if not isinstance(reply, Card):
            return
        event = body["event"]
        if event.get("tab") == "home":
            view = render.home(reply)
            self._background.begin("home", lambda: self._publish(event["user"], view))
        elif event.get("tab") == "messages":
            prompts = [
                {"title": button.label, "message": button.label}
                for button in reply.actions
                if isinstance(button, Button) and button.action == "ask.topic"
            ]
            self._background.begin("prompts", lambda: self._suggest(event["channel"], prompts[:MAX_PROMPTS]))

    async def _publish(self, user: str, view: dict[str, Any]) -> None:
        await self._client.views_publish(user_id=user, view=view)

    async def _suggest(self, channel: str, prompts: list[dict[str, str]]) -> None:
        await self._client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=prompts, title="Ask about")

    async def _show(self, body: Payload, view: dict[str, Any], otherwise: Card) -> None:
        """Open a view, or put it on top of the one that was pressed in. The only call before Slack has its answer.

        Where Slack does not open it, the person gets `otherwise` as a message.
        """
        under = body.get("view") or {}
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                if under.get("type") != "modal":
                    await self._client.views_open(trigger_id=body["trigger_id"], view=view)
                elif under.get("root_view_id") == under.get("id"):
                    await self._client.views_push(trigger_id=body["trigger_id"], view=view)
                else:  # Slack holds three views on top of each other; the third is kept for a refused form
                    await self._client.views_update(view_id=under["id"], view=view)
        except _FAILURES as error:
            log.warning("view not opened", error=type(error).__name__, code=_code(error))
            self._respond(body, otherwise)

    def _respond(self, body: Payload, card: Card) -> None:
        url = body.get("response_url")
        if not url:  # it was pressed in the home or in a form, where only the person can be written to
            if user := (body.get("user") or {}).get("id"):
                to, key = Destination(PLATFORM, user), body.get("trigger_id", "")
                self._background.begin("message", lambda: self._send(to, card, key))
            return
        content = {
            **render.message(card),
            "response_type": "ephemeral",
            "replace_original": card.replaces,
        }
        if thread := (body.get("container") or {}).get("thread_ts"):
            content["thread_ts"] = thread
        self._background.begin("response", lambda: self._post(url, content))

    async def _post(self, url: str, content: dict[str, Any]) -> None:
        hook = AsyncWebhookClient(
            url, session=self._client.session, proxy=self._client.proxy, retry_handlers=[], logger=self._client.logger
        )
        answer = await hook.send_dict(content)
        if answer.status_code != HTTPStatus.OK:
            log.error("response refused", status=answer.status_code)

    async def _failed(self, error: Exception, body: dict[str, Any]) -> BoltResponse | None:
        if isinstance(error, BoltUnhandledRequestError):
            return _DONE
        log.error("slack request failed", error=type(error).__name__, code=_code(error))
        match body.get("type"):
            case "event_callback":
                return None  # which gives Slack a 500: it sends events again
            case "view_submission":
                return _answer({"response_action": "push", "view": render.modal_card(wordings.FAILED)})
            case None if "command" in body:
                return _answer({"response_type": "ephemeral", **render.message(wordings.FAILED)})
            case _:
                self._respond(body, wordings.FAILED)
                return _DONE


def _answer(content: dict[str, Any]) -> BoltResponse:
    return BoltResponse(status=200, body=content)


def _card(reply: Reply) -> Card:
    match reply:
        case Card():
            return reply
        case Form():
            return wordings.form_elsewhere(reply)
        case Errors():
            return refusals.without_form(reply)
        case _:
            assert_never(reply)


def _code(error: Exception) -> str:
    return error_code(error) if isinstance(error, SlackApiError) else ""


def _report_scopes(granted: str, wanted: list[str]) -> None:
    missing = sorted(set(wanted) - {scope.strip() for scope in granted.split(",")})
    if granted and missing:
        log.warning("slack scopes missing", scopes=missing, hint="Install the app again from its manifest.")


def _no_start(error: Exception) -> StartupError:
    if isinstance(error, SlackApiError):
        return StartupError(
            "slack.bot-token",
            f"Slack does not accept THSCP_SLACK_BOT_TOKEN ({_code(error) or 'no reason given'}).",
            "Copy the bot token (xoxb-...) again from 'OAuth & Permissions' of the app; see docs/slack.md.",
        )
    return StartupError(
        "slack.unreachable",
        "Slack does not answer.",
        "Check that this machine may reach slack.com over HTTPS; behind a proxy, set HTTPS_PROXY.",
    )
