"""Channels that bulletins can go to: the secretariat registers the one in which it types."""

from __future__ import annotations

from db import audit, channels, groups
from db.channels import Registered
from handlers import naming, persons
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Choice, Errors, Field, Form, Table, Text, Tone
from handlers.wording import words

NO_GROUP = "none"
MAX_NAME = 60
MAX_ADDRESS = 120
MOST_SHOWN = 30


def show(context: Context, request: Request) -> Card:
    """List the registered channels, and offer to register the one in which this was typed."""
    every = channels.listed(context.session)
    here = _here(request)
    known = channels.at(context.session, platform=here[0], address=here[1]) if here else None
    rows = tuple((one.name, one.group or "none", persons.PLATFORMS.get(one.platform, one.platform)) for one in every)
    body = [Table(("Channel", "Group", "Where"), rows[:MOST_SHOWN], "and more" if len(rows) > MOST_SHOWN else "")]
    buttons = []
    if here:
        label = "Change this channel" if known else "Register this channel"
        buttons.append(Button(label, "channels.open", here[1], style="primary", opens=True))
    if every:
        buttons.append(Button("Take one out", "channels.choose", opens=True))
    return Card(
        title=f"Channels: {len(every)} registered",
        body=(*(body if every else ()), Text(words("channels_all", here=bool(here), known=known))),
        actions=tuple(buttons),
    )


def _here(request: Request) -> tuple[str, str] | None:
    place = request.conversation
    return (place.platform, place.address) if place and not place.private else None


def open_form(context: Context, request: Request) -> Form:
    """Open the form in which the channel of a card is registered, or changed."""
    here = _here(request)
    if here is None or not 0 < len(here[1]) <= MAX_ADDRESS:
        raise UserError("This is no channel.", hint="Type channels in the channel that you want to register.")
    known = channels.at(context.session, platform=here[0], address=here[1])
    options = (Choice(NO_GROUP, "No group"), *(Choice(name, name) for name in naming.group_names(context)))
    return Form(
        title="Register a channel",
        action="channels.register",
        token=context.token,
        about=here[1],
        intro="Bulletins can go here from now on. Everybody in the channel can read them.",
        fields=(
            Field("name", "Name", hint="As you will choose it for a bulletin.", max_length=MAX_NAME,
                  value=known.name if known else ""),
            Field("group", "Whose channel is it?", "choice", choices=options,
                  value=(known.group if known else "") or NO_GROUP),
        ),
        submit="Register",
    )  # fmt: skip


def register(context: Context, request: Request) -> Card | Errors:
    """Register the channel under that name, for that group."""
    name, group = " ".join(request.fields.get("name", "").split()), request.fields.get("group", NO_GROUP)
    address, platform = request.value.strip(), request.identity.platform
    if problem := _problem(context, name, platform, address):
        return Errors({"name": problem})
    if group != NO_GROUP and group not in naming.group_names(context):
        return Errors({"group": "Please choose from the list."})
    number_ = channels.register(
        context.session,
        platform=platform,
        address=address,
        name=name,
        group_id=None if group == NO_GROUP else groups.group_id(context.session, group),
        at=context.now,
        by=context.actor.person_id,
    )
    _note(context, "registered a channel", number_)
    return Card(f"Registered: {name}", (Text(words("channels_registered")),), _ALL, Tone.GOOD)


def _problem(context: Context, name: str, platform: str, address: str) -> str:
    if not name:
        return "Please write a name here."
    if len(name) > MAX_NAME:
        return f"Please use at most {MAX_NAME} characters. You have {len(name)}."
    if not address or len(address) > MAX_ADDRESS or any(char.isspace() for char in address):
        return "I do not know which channel this is. Type channels in it, and press the button there."
    same = [one for one in channels.listed(context.session) if one.name.casefold() == name.casefold()]
    taken = any((one.platform, one.address) != (platform, address) for one in same)
    return "Another channel is called so. Please choose another name." if taken else ""


def choose(context: Context, _request: Request) -> Form:
    """Open the form in which a channel is chosen, to be taken out."""
    every = channels.listed(context.session)
    if not every:
        raise UserError("No channel is registered.", hint="Type channels in the channel that you want to register.")
    return Form(
        title="Take a channel out",
        action="channels.remove",
        token=context.token,
        intro="Bulletins go there no longer. What was sent stays.",
        fields=(Field("channel", "Which one?", "choice", choices=tuple(map(_choice, every))),),
        submit="Take it out",
    )


def _choice(one: Registered) -> Choice:
    return Choice(f"channel-{one.id}", f"{one.name} ({persons.PLATFORMS.get(one.platform, one.platform)})")


def remove(context: Context, request: Request) -> Card:
    """Take the chosen channel out; nothing goes there from now on."""
    number_ = number(request.fields.get("channel", "").removeprefix("channel-"))
    name = channels.remove(context.session, number_, at=context.now)
    if name is None:
        raise UserError("That channel is not registered any more.", hint="Type channels to see those that are.")
    _note(context, "took out a channel", number_)
    return Card(f"Taken out: {name}", (Text(words("channels_removed")),), _ALL, Tone.GOOD)


def _note(context: Context, action: str, number_: int) -> None:
    actor, subject = f"person:{context.actor.person_id}", f"channel {number_}"
    audit.add(context.session, at=context.now, actor=actor, action=action, subject=subject)


_ALL = (Button("All channels", "channels.show"),)
