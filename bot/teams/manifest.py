"""The app package of Microsoft Teams, made from the table of routes: a zip with a manifest and two icons.

https://learn.microsoft.com/en-us/microsoft-365/extensibility/schema/root
"""

from __future__ import annotations

import io
import json
import re
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.findings import StartupError
from bot.settings import Settings
from bot.teams import icons
from bot.teams.fitting import shortened
from handlers.routing import Route

PATH = "/api/messages"
SCHEMA = "1.30"  # the newest that is generally available; slash commands are in it from 1.29
HISTORY = "ChannelMessage.Read.Group"
# What the menu of the bot names: Teams shows ten at most. `help` lists the rest.
MENU = ("ask", "contact", "help", "escalate", "risk", "challenge", "my", "bulletins", "subscribe", "enrol")
MAX_TITLE, MAX_DESCRIPTION = 32, 128
_SHARED = ["team", "groupChat"]  # where others read along
_SCOPES = ["personal", *_SHARED]
_NAME = "Safeguarding procedures"
_VERSION = re.compile(r"[1-9]\d{0,4}(\.(0|[1-9]\d{0,4})){2}")
_WHEN = (1980, 1, 1, 0, 0, 0)  # a zip needs a date; always this one, so that equal settings give equal files


@dataclass(frozen=True, slots=True)
class Offer:
    """What the command box and the box for writing offer, and what it says there. It opens at once."""

    title: str
    description: str


# By route. Of the forms that everybody may open those that people open most; they need no message to be read.
OFFERED: Mapping[str, Offer] = {
    "ask.again": Offer("Ask a question", "Get the procedure, with its source and date. Nobody else sees the answer."),
    "enquiries.ask": Offer("Ask the secretariat", "Pass a question on. The answer comes to you in your own chat."),
    "escalate": Offer("Escalate something", "Choose which of four things it is, and see the way it goes."),
    "risks.new": Offer("Raise a risk", "Six boxes. The Strategy Manager takes it from there."),
    "challenges.ask": Offer("Ask for assurance", "Challenge an agency or a board, of a risk or by itself."),
}


def package(routes: Mapping[str, Route], settings: Settings, *, version: str = "1.0.0", about: str = "") -> bytes:
    """Return the zip to upload. Raises StartupError when the client id or the public address is missing.

    `version` has to be higher each time that another package is uploaded. `about` is the address of a page of the
    partnership's own about this service; without it the links of the app lead to the public address.
    """
    text = json.dumps(manifest(routes, settings, version=version, about=about), indent=2, ensure_ascii=False)
    files = {"manifest.json": text.encode(), "color.png": icons.color(), "outline.png": icons.outline()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _WHEN), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def manifest(
    routes: Mapping[str, Route], settings: Settings, *, version: str = "1.0.0", about: str = ""
) -> dict[str, Any]:
    """Return the manifest. Raises StartupError as `package` does."""
    client, host = _client(settings), _host(settings.public_url)
    _check(version, about)
    page = about or settings.public_url.rstrip("/")
    return {
        "$schema": f"https://developer.microsoft.com/json-schemas/teams/v{SCHEMA}/MicrosoftTeams.schema.json",
        "manifestVersion": SCHEMA,
        "version": version,
        "id": app_id(client),
        "developer": {
            "name": shortened(settings.partnership, 32),
            "websiteUrl": page,
            "privacyUrl": page,
            "termsOfUseUrl": page,
        },
        "name": {"short": _NAME, "full": shortened(f"{_NAME}: {settings.partnership}", 100)},
        "description": {
            "short": shortened(f"The procedures of the {settings.partnership}", 80),
            "full": _described(settings),
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": "#1d3557",
        "bots": [_bot(routes, settings, client)],
        "composeExtensions": [{"botId": client, "commands": [_offered(name, settings) for name in OFFERED]}],
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [host],
        "defaultInstallScope": "personal",
        "defaultGroupCapability": {"team": "bot", "groupchat": "bot"},
        **(_reading(client, page) if settings.teams_history else {}),
    }


def app_id(client: str) -> str:
    """Return the id of the app: always the same for one registration, so that a new package replaces the old one."""
    return str(uuid.uuid5(uuid.UUID(client), "Microsoft Teams app"))


def _client(settings: Settings) -> str:
    if not settings.teams_client_id:
        raise StartupError(
            "teams.no-client-id",
            "There is no client id, by which Teams knows the bot.",
            "Set THSCP_TEAMS_CLIENT_ID to the Application (client) ID of the registration; see docs/teams.md.",
        )
    return settings.teams_client_id


def _host(url: str) -> str:
    """Return the name of the machine that people's browsers and Teams reach."""
    address = urlsplit(url)
    if address.scheme != "https" or not address.hostname:
        raise StartupError(
            "teams.no-address",
            "There is no public address that starts with https://, at which Teams could reach this service.",
            "Set THSCP_PUBLIC_URL, such as https://thscp.example.org; see docs/teams.md.",
        )
    return address.hostname


def _check(version: str, about: str) -> None:
    if not _VERSION.fullmatch(version):
        raise StartupError(
            "teams.version", "The version of a package is three numbers from 1.0.0 on.", "Give it such as 1.0.1."
        )
    if about and not about.startswith("https://"):
        raise StartupError(
            "teams.about", "The page about the service has no address with https://.", "Give its whole address."
        )


def _bot(routes: Mapping[str, Route], settings: Settings, client: str) -> dict[str, Any]:
    commands = [{"title": name, "description": shortened(routes[name].help, MAX_DESCRIPTION)} for name in MENU]
    mentioned = {"scopes": _SCOPES, "commands": commands}
    slashed = [
        {"scopes": ["personal"], "triggers": ["mention"], "commands": commands},
        {"scopes": _SHARED, "triggers": ["mention", "slash"], "commands": commands},
    ]
    return {
        "botId": client,
        "scopes": _SCOPES,
        "isNotificationOnly": False,
        "supportsFiles": False,
        "supportsCalling": False,
        "supportsVideo": False,
        **({"supportsTargetedMessages": True} if settings.teams_slash else {}),
        "commandLists": slashed if settings.teams_slash else [mentioned],
    }


def _offered(name: str, settings: Settings) -> dict[str, Any]:
    return {
        "id": name,
        "type": "action",
        "title": OFFERED[name].title,
        "description": OFFERED[name].description,
        "context": ["compose", "commandBox"],  # never "message": it would hand over what somebody else wrote
        "fetchTask": True,
        **({"triggers": ["slash"]} if settings.teams_slash else {}),
    }


def _reading(client: str, page: str) -> dict[str, Any]:
    return {
        "webApplicationInfo": {"id": client, "resource": page},  # the resource means nothing here, but has to be there
        "authorization": {"permissions": {"resourceSpecific": [{"name": HISTORY, "type": "Application"}]}},
    }


def _described(settings: Settings) -> str:
    """Return what people and administrators read before they install it."""
    reads = (
        "Teams gives it every message of the channels of a team in which it is installed, and it may look at older "
        "ones. It answers those that name it and drops the others unread; it looks back for one thing, whether a "
        "message of its own arrived before it repeats it. It keeps nothing of what others wrote."
        if settings.teams_history
        else "It reads what people write to it or name it in, and no other message."
    )
    return (
        f"Answers questions about the procedures of the {shortened(settings.partnership, 200)}, with source and date, "
        "and takes escalations, risks and challenges. If a child is in danger now, call 999.\n\n"
        "It is not a case record: write nothing about one child or family. It finds articles that people wrote; "
        f"there is no language model in it.\n\n{reads}"
    )
