"""Whom a bulletin is for: chosen in a form, said in words, and found by name before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from db import audiences, bulletin_issues, channels, subscriptions
from db.audiences import Audience
from db.bulletin_issues import Recipient
from db.bulletins import Bulletin
from db.groups import Group
from db.people import Agency, Role
from handlers.context import Context
from handlers.messages import Choice, Field

_PARTS = {"groups": "Groups", "agencies": "Agencies", "roles": "Roles", "platforms": "On"}


def audience_of(bulletin: Bulletin) -> Audience:
    """Return whom a bulletin is for."""
    kept: Mapping[str, Any] = bulletin.audience
    return Audience(
        **{name: tuple(kept.get(name, ())) for name in (*_PARTS, "channels")},
        kind=subscriptions.of_bulletin(bulletin.kind),
        channels_only=bool(kept.get("channels_only")),
    )


def in_words(context: Context, bulletin: Bulletin) -> str:
    """Say whom a bulletin is for, as a list of its parts."""
    audience = audience_of(bulletin)
    parts = [
        f"{label}: {', '.join(getattr(audience, name))}" for name, label in _PARTS.items() if getattr(audience, name)
    ]
    if audience.channels_only:
        parts = []
    elif not parts:
        parts = ["Everybody enrolled"]
    if audience.channels:
        named = channels.chosen(context.session, audience.channels)
        gone = len(audience.channels) - len(named)
        lost = [f"{gone} that {'is' if gone == 1 else 'are'} not registered any more"] if gone else []
        parts.append(f"Channels: {', '.join([*(one.name for one in named), *lost])}")
    return "; ".join(parts) or "Nobody yet"


def fields(context: Context, kept: Mapping[str, Any]) -> tuple[Field, ...]:
    """Return the boxes in which an audience is chosen; those without anything to choose are left out."""
    hints = {
        "groups": "Leave all of these empty for everybody enrolled. Where several are filled, people must match each.",
        "channels": "They are added to the people.",
    }
    labels = {
        "groups": "Groups",
        "agencies": "Agencies",
        "roles": "Roles",
        "platforms": "Only people on",
        "channels": "Channels",
    }
    boxes = []
    for name, choices in _choices(context).items():
        chosen = {str(value) for value in kept.get(name, ())}
        value = ",".join(key for key, said in choices.items() if {key, said} & chosen)
        options = tuple(Choice(key, said) for key, said in choices.items())
        if options:
            boxes.append(
                Field(
                    name, labels[name], "multichoice", hints.get(name, ""), required=False, choices=options, value=value
                )
            )
    if any(box.name == "channels" for box in boxes):
        only = "yes" if kept.get("channels_only") else ""
        boxes.append(Field("channels_only", "Send it to the channels alone", "confirm", required=False, value=only))
    return tuple(boxes)


def chosen(context: Context, sent: Mapping[str, str]) -> dict[str, Any]:
    """Return the audience that a form chose, as it is kept. What cannot be chosen any more is left out."""
    found: dict[str, Any] = {}
    for name, choices in _choices(context).items():
        ids = [key for key in sent.get(name, "").split(",") if key in choices]
        found[name] = [int(key) for key in ids] if name == "channels" else [choices[key] for key in ids]
    found["channels_only"] = bool(found["channels"]) and sent.get("channels_only") == "yes"
    return found


def _choices(context: Context) -> dict[str, dict[str, str]]:
    """Return what may be chosen in each box: the value that is sent, and the name that is kept and shown."""
    # numbers and not names are sent: several choices travel in one line, with commas between them
    found = {
        "groups": {str(row.id): row.name for row in context.session.scalars(select(Group).order_by(Group.name))},
        "agencies": {str(row.id): row.name for row in context.session.scalars(select(Agency).order_by(Agency.name))},
        "roles": {role.name: role.value for role in Role},
        "platforms": {platform: platform for platform in sorted(context.house.reached)},
    }
    return found | {"channels": {str(one.id): one.name for one in channels.listed(context.session)}}


def recipients(context: Context, bulletin: Bulletin) -> list[Recipient]:
    """Return whom a bulletin would go to today, by agency and name, those who cannot be reached last.

    A correction goes where the original went, as an answer to it, except to those who have left.
    """
    if bulletin.correction_of is not None:
        return bulletin_issues.got(context.session, bulletin.correction_of, on=context.today)
    audience, reached = audience_of(bulletin), context.house.reached
    found = audiences.readers(context.session, audience, on=context.today, reached=reached)
    missing = audiences.unreachable(context.session, audience, on=context.today, reached=reached)
    return [
        *(Recipient(one.person_id, one.name, one.agency, one.destination) for one in found),
        *(Recipient(one.person_id, one.name, one.agency, None) for one in missing),
    ]
