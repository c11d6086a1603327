"""What is missing or wrong in the settings of e-mail, in the words of operators and without any value."""

from __future__ import annotations

from collections.abc import Iterator

from bot.email import server
from bot.email.compose import From, is_address
from bot.findings import Finding, Level
from bot.settings import Settings

_FROM = "Set THSCP_MAIL_FROM to what people see as the sender, such as Safeguarding <safeguarding@example.org>."


def problems(settings: Settings) -> Iterator[Finding]:
    """Give what keeps e-mail from working, and what it would lack; nothing while it is switched off."""
    if settings.smtp_url and settings.notify_api_key:
        yield Finding(
            "email.two-ways",
            Level.ERROR,
            "E-mail has both a mail server and GOV.UK Notify.",
            "Set either THSCP_SMTP_URL or THSCP_NOTIFY_API_KEY, not both: each message goes one way.",
        )
    elif settings.smtp_url:
        yield from _smtp(settings, settings.smtp_url.get_secret_value())
    elif settings.notify_api_key and not settings.notify_template_id:
        yield Finding(
            "email.no-template",
            Level.ERROR,
            "GOV.UK Notify has a key but no template.",
            "Make a template with ((subject)) and ((body)) there and set THSCP_NOTIFY_TEMPLATE_ID; see docs/email.md.",
        )
    elif not settings.notify_api_key and (settings.notify_template_id or settings.mail_from):
        yield Finding(
            "email.half-set",
            Level.ERROR,
            "E-mail has a sender or a template, but nothing that sends.",
            "Set THSCP_SMTP_URL or THSCP_NOTIFY_API_KEY, or take THSCP_MAIL_FROM and THSCP_NOTIFY_TEMPLATE_ID away.",
        )
    if settings.mails_by:
        yield from _lacks(settings)


def _smtp(settings: Settings, url: str) -> Iterator[Finding]:
    try:
        found = server.parse(url)
    except ValueError as error:
        yield Finding("email.server", Level.ERROR, "THSCP_SMTP_URL cannot be used.", f"Correct it: {error}.")
    else:
        if found.tls is server.Tls.NONE and not found.is_here:
            yield Finding(
                "email.no-tls",
                Level.WARNING,
                "E-mails go to the mail server in the open: THSCP_SMTP_URL switches TLS off.",
                "Take starttls=none away, unless the server is reached over a network that is secret already.",
            )
    if not settings.mail_from:
        yield Finding("email.no-sender", Level.ERROR, "E-mail has a mail server but no sender.", _FROM)
        return
    try:
        From.parse(settings.mail_from)
    except ValueError:
        yield Finding("email.no-sender", Level.ERROR, "THSCP_MAIL_FROM is no e-mail address.", _FROM)


def _lacks(settings: Settings) -> Iterator[Finding]:
    if not settings.public_url:
        yield Finding(
            "email.no-links",
            Level.WARNING,
            "E-mails have no buttons and nobody can stop them: THSCP_PUBLIC_URL is not set.",
            "Set it to the address under which people's browsers reach this service.",
        )
    elif not settings.public_url.startswith("https://"):
        yield Finding(
            "email.open-links",
            Level.WARNING,
            "Mail programs stop e-mails by one click only over https, and THSCP_PUBLIC_URL is not.",
            "Set it to an address that begins with https://.",
        )
    if not is_address(settings.mail_reply_to):
        yield Finding(
            "email.no-replies",
            Level.WARNING,
            "E-mails do not say where a reply goes: THSCP_MAIL_REPLY_TO is not set, or is no e-mail address.",
            "Set it to the secretariat's mailbox.",
        )
