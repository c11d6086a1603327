"""Slack's app manifest, made from the table of routes: what the app is called, may do, and where it listens.

https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.settings import Settings
from bot.slack.fitting import shortened
from handlers.routing import EVERYONE, Kind, Route

PATH = "/slack/events"
SCOPES: Mapping[str, str] = {
    "app_mentions:read": "To answer when somebody names the app in a channel. It reads those messages and no others.",
    "assistant:write": "To offer the most asked topics in the direct message. It gives access to no message.",
    "channels:history": "To look whether a post arrived in a public channel before it is repeated: see below.",
    "chat:write": "To answer in direct messages and in channels to which the app was invited.",
    "chat:write.public": "To post an answer in a public channel when somebody there presses 'Show everyone'.",
    "commands": "To offer the slash command.",
    "groups:history": "The same for private channels to which the app was invited.",
    "im:history": "To read the questions that people send to the app itself. It reads no other conversation.",
    "im:write": "To find the direct message with a person, to look there whether a message arrived.",
}
_TO_LOOK = frozenset({"channels:history", "groups:history", "im:write"})  # without these a person is asked
EVENTS: Mapping[str, str] = {
    "app_home_opened": "To show the first page and the suggested questions.",
    "app_mention": "To answer when somebody names the app in a channel.",
    "message.im": "To answer direct messages.",
}
_NAME = "Safeguarding procedures"
_PROMPTS = (("Thresholds of need", "threshold"), ("Whom to call", "contact"), ("What can I do here?", "help"))


def scopes(settings: Settings) -> list[str]:
    """Return what the app asks for; less where it may not read back what it posted."""
    return sorted(set(SCOPES) if settings.slack_history else set(SCOPES) - _TO_LOOK)


def manifest(routes: Mapping[str, Route], settings: Settings) -> dict[str, Any]:
    """Return the manifest: for requests to the public address, or for Socket Mode where there is none.

    With an app token it is for Socket Mode in any case.
    """
    by_socket = settings.slack_app_token is not None or not settings.public_url
    address = {} if by_socket else {"request_url": f"{settings.public_url.rstrip('/')}{PATH}"}
    return {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": _NAME,
            "description": shortened(f"Answers about the procedures of the {settings.partnership}.", 140),
            "background_color": "#1d3557",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": _NAME, "always_online": True},
            "agent_view": {
                "agent_description": shortened(
                    f"Answers questions about the procedures of the {settings.partnership}, with source and date. "
                    "If a child is in danger now, call 999.",
                    300,
                ),
                "suggested_prompts": [{"title": title, "message": message} for title, message in _PROMPTS],
            },
            "slash_commands": [_command(routes, settings.command, address.get("request_url"))],
        },
        "oauth_config": {"scopes": {"bot": scopes(settings)}},
        "settings": {
            "event_subscriptions": {**address, "bot_events": sorted(EVENTS)},
            "interactivity": {"is_enabled": True, **address},
            "org_deploy_enabled": False,
            "socket_mode_enabled": by_socket,
            "token_rotation_enabled": False,
        },
    }


def _command(routes: Mapping[str, Route], command: str, url: str | None) -> dict[str, Any]:
    verbs = [route.name for route in routes.values() if route.kind is Kind.VERB and route.roles == EVERYONE]
    hint = " | ".join(["your question", *(verb for verb in verbs if verb != "ask")])
    return {
        "command": command,
        "description": "Ask about safeguarding procedures",
        "usage_hint": hint,
        "should_escape": False,
        **({"url": url} if url else {}),
    }
