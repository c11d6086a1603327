"""What somebody is sent, where and when: seen and chosen by themselves."""

from __future__ import annotations

from db import directory, subscriptions
from db.subscriptions import KINDS, Kind
from handlers import persons
from handlers.context import Context, Request, UserError
from handlers.messages import Button, Card, Choice, Errors, Facts, Field, Form, Table, Text, Tone
from handlers.wording import words
from knowledge.calendar import CalendarError, Hours

FIRST = ""  # wherever they were first


def show(context: Context, _request: Request) -> Card:
    """Show what somebody is sent, where they are reached, and in which hours they are not."""
    if context.actor.person_id is None:
        return Card(
            title="You are not enrolled yet",
            body=(Text(words("subscriptions_stranger")),),
            actions=(Button("Enrol me", "newcomers.offer"), Button("What can I do here?", "help.show")),
        )
    return _card(context, context.actor.person_id)


def _card(context: Context, person_id: int, title: str = "What you are sent", tone: Tone = Tone.PLAIN) -> Card:
    refused = subscriptions.unwanted(context.session, person_id)
    chosen = subscriptions.preferences(context.session, person_id)
    rows = tuple((kind.label, _standing(kind, refused)) for kind in KINDS.values())
    quiet = "; ".join(
        [
            *([f"{context.house.quiet_hours} for everybody"] if context.house.quiet_hours else []),
            *([f"{chosen.quiet_hours} for you"] if chosen.quiet_hours else []),
        ]
    )
    reached = persons.PLATFORMS.get(chosen.platform, chosen.platform) or "wherever you were first"
    return Card(
        title=title,
        body=(
            Table(("What", "Sent"), rows),
            Facts((("Where", reached), ("Quiet hours", quiet or "none"))),
            Text(words("subscriptions_how")),
        ),
        actions=(
            Button("Choose what I am sent", "subscriptions.choose", style="primary", opens=True),
            Button("Choose where", "subscriptions.where", opens=True),
            Button("Quiet hours", "subscriptions.quiet", opens=True),
            Button("Switch all off", "subscriptions.switch", "all:off")
            if len(refused) < len(_optional())
            else Button("Switch all on", "subscriptions.switch", "all:on"),
        ),
        tone=tone,
    )


def _standing(kind: Kind, refused: frozenset[str]) -> str:
    if kind.statutory:
        return f"Always. {kind.always}"
    return "No" if kind.name in refused else "Yes"


def _optional() -> list[Kind]:
    return [kind for kind in KINDS.values() if not kind.statutory]


def switch(context: Context, request: Request) -> Card:
    """Switch one kind on or off, or all that can be; the card offers the way back."""
    person_id = _mine(context)
    name, _, how = request.value.partition(":")
    kinds = _optional() if name == "all" else [kind for kind in KINDS.values() if kind.name == name]
    if not kinds or how not in ("on", "off"):
        raise UserError("I do not know what to switch.", hint="Type subscribe to see what you are sent.")
    for kind in kinds:
        if kind.statutory and how == "off":
            raise UserError(f"{kind.label} are always sent.", hint=kind.always)
        subscriptions.set_(context.session, person_id, kind.name, wanted=how == "on", at=context.now)
    return _card(context, person_id, "Saved", Tone.GOOD)


def choose(context: Context, _request: Request) -> Form:
    """Open the form in which somebody ticks what they want to be sent."""
    refused = subscriptions.unwanted(context.session, _mine(context))
    always = [kind.label for kind in KINDS.values() if kind.statutory]
    choices = tuple(Choice(kind.name, kind.label) for kind in _optional())
    value = ",".join(kind.name for kind in _optional() if kind.name not in refused)
    return Form(
        title="What I am sent",
        action="subscriptions.save",
        token=context.token,
        intro=f"Always sent: {', '.join(always)}.",
        fields=(Field("kinds", "Send me", "multichoice", required=False, choices=choices, value=value),),
        submit="Save",
    )


def save(context: Context, request: Request) -> Card | Errors:
    """Keep what was ticked."""
    person_id = _mine(context)
    wanted = {name for name in request.fields.get("kinds", "").split(",") if name}
    if wanted - {kind.name for kind in _optional()}:
        return Errors({"kinds": "Please choose from the list."})
    refused = subscriptions.unwanted(context.session, person_id)
    for kind in _optional():
        if (kind.name in wanted) is (kind.name in refused):
            subscriptions.set_(context.session, person_id, kind.name, wanted=kind.name in wanted, at=context.now)
    return _card(context, person_id, "Saved", Tone.GOOD)


def open_where(context: Context, _request: Request) -> Form:
    """Open the form in which somebody chooses one of their own places."""
    person_id = _mine(context)
    own = directory.places(context.session, person_id)
    choices = (
        Choice("first", "Wherever I was first"),
        *(Choice(platform, _where(context, platform)) for platform in own),
    )
    value = subscriptions.preferences(context.session, person_id).platform or "first"
    return Form(
        title="Where I am reached",
        action="subscriptions.reach",
        token=context.token,
        intro="To add another place, type link.",
        fields=(Field("platform", "Where", "choice", choices=choices, value=value),),
        submit="Save",
    )


def _where(context: Context, platform: str) -> str:
    name = persons.PLATFORMS.get(platform, platform)
    name = name[:1].upper() + name[1:]
    return name if platform in context.house.reached else f"{name} (messages cannot be sent there yet)"


def reach(context: Context, request: Request) -> Card | Errors:
    """Reach somebody on that platform from now on."""
    person_id = _mine(context)
    platform = request.fields.get("platform", "")
    own = directory.places(context.session, person_id)
    if platform != "first" and platform not in own:
        return Errors({"platform": "Please choose one of your own places. To add one, type link."})
    if platform != "first" and platform not in context.house.reached:
        return Errors({"platform": "Messages cannot be sent there yet. Please choose another place."})
    subscriptions.prefer(context.session, person_id, FIRST if platform == "first" else platform)
    return _card(context, person_id, "Saved", Tone.GOOD)


def open_quiet(context: Context, _request: Request) -> Form:
    """Open the form for somebody's own quiet hours."""
    own = subscriptions.preferences(context.session, _mine(context)).quiet_hours
    house = f"{context.house.quiet_hours} is quiet for everybody already. " if context.house.quiet_hours else ""
    return Form(
        title="My quiet hours",
        action="subscriptions.hush",
        token=context.token,
        intro=f"{house}What comes in quiet hours waits until they end. Urgent answers wait for nothing.",
        fields=(
            Field("hours", "From and until", hint="Such as 21:00-07:00. Leave it empty for none.", required=False,
                  max_length=20, value=own),
        ),
        submit="Save",
    )  # fmt: skip


def hush(context: Context, request: Request) -> Card | Errors:
    """Keep somebody's own quiet hours."""
    person_id = _mine(context)
    text = request.fields.get("hours", "").strip()
    try:
        hours = str(Hours.parse(text)) if text else ""
    except CalendarError as error:
        return Errors({"hours": str(error)})
    subscriptions.set_quiet_hours(context.session, person_id, hours)
    return _card(context, person_id, "Saved", Tone.GOOD)


def _mine(context: Context) -> int:
    if context.actor.person_id is None:
        raise UserError("You are not enrolled here yet.", hint="Type enrol me to ask the secretariat.")
    return context.actor.person_id
