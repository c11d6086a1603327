"""E-mail: cards as messages, what sends them, the pages behind their links, and what comes back undelivered.

`build` gives the parts. What sends is imported when it is built: drawing a card as an e-mail needs none of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import BaseRoute

    from bot.dispatcher import Dispatcher
    from bot.email.links import Pages
    from bot.sending import Sender
    from bot.server import Part
    from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Email:
    """The channel, put together: what sends, what runs beside the server, and the pages."""

    sender: Sender
    parts: Sequence[Part]
    routes: Sequence[BaseRoute]


def build(dispatcher: Dispatcher, settings: Settings) -> Email:
    """Return the channel of the settings, which name either a mail server or Notify."""
    from bot.email import web  # noqa: PLC0415 - the page for previews needs none of the web
    from bot.email.links import Pages  # noqa: PLC0415 - as above

    names = {"slack": "Slack", "teams": "Microsoft Teams"}
    chats = tuple(name for platform, name in names.items() if platform in settings.reached)
    pages = Pages(settings.house.public_url, settings.partnership, settings.mail_reply_to, chats)
    sender, parts = (_notify if settings.mails_by == "notify" else _smtp)(dispatcher, settings, pages)
    return Email(sender, parts, web.routes(dispatcher, pages))


def _smtp(dispatcher: Dispatcher, settings: Settings, pages: Pages) -> tuple[Sender, Sequence[Part]]:
    from bot.email import server  # noqa: PLC0415 - as in `build`
    from bot.email.compose import From  # noqa: PLC0415 - as in `build`
    from bot.email.sender import SmtpSender  # noqa: PLC0415 - as in `build`

    url = settings.smtp_url.get_secret_value() if settings.smtp_url else ""
    sender = SmtpSender(
        dispatcher, server.parse(url), From.parse(settings.mail_from), pages, per_second=settings.mail_per_second
    )
    return sender, [sender]


def _notify(dispatcher: Dispatcher, settings: Settings, pages: Pages) -> tuple[Sender, Sequence[Part]]:
    from bot.email.notify import Notify, NotifySender, Returns  # noqa: PLC0415 - as in `build`

    key = settings.notify_api_key.get_secret_value() if settings.notify_api_key else ""
    notify = Notify(key, settings.notify_api_url)
    sender = NotifySender(dispatcher, notify, settings.notify_template_id, pages, per_second=settings.mail_per_second)
    return sender, [Returns(dispatcher, notify)]
