"""The boxes of forms about people, both ways: as they open, and what was filled in or is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from db.people import Identity, Role
from db.registry import Wanted
from handlers import naming, persons
from handlers.context import Context
from handlers.messages import Choice, Errors, Field

ANOTHER = "another"
NO_AGENCY = "none"
MOST_CHOICES = 98  # a list of choices holds 100 on every platform, two of which are not agencies
MAX_POST, MAX_AGENCY, MAX_ID = 120, 80, 120
PLACES = {"slack": "Slack", "teams": "Teams", "email": "E-mail"}
_ADDRESS = re.compile(r"[^@\s,;:<>\"()]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)
_SLACK_ID = re.compile(r"[UW][A-Z0-9]{5,20}")
_ENTRA_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def agency(context: Context, present: str) -> tuple[Field, ...]:
    """Return the boxes for an agency: one of those that there are, or another one."""
    known = naming.agencies(context)[:MOST_CHOICES]
    other = Field(
        "other", "Another agency", hint="Only if it is not in the list.", required=False, max_length=MAX_AGENCY
    )
    choices = (
        Choice(NO_AGENCY, "No agency"), *(Choice(name, name) for name in known), Choice(ANOTHER, "Another one"),
    )  # fmt: skip
    chosen = present if present in known else NO_AGENCY
    return (Field("agency", "Agency", "choice", choices=choices, value=chosen), other)


def roles(present: frozenset[Role]) -> Field:
    """Return the box for roles."""
    choices = tuple(Choice(role.value, role.value.capitalize()) for role in Role)
    return Field(
        "roles", "Roles", "multichoice", required=False, choices=choices, value=_joined(one.value for one in present)
    )


def groups(context: Context, present: frozenset[str]) -> Field:
    """Return the box for groups."""
    choices = tuple(Choice(name, name) for name in naming.group_names(context))
    return Field("groups", "Groups", "multichoice", required=False, choices=choices, value=_joined(present))


def posts(present: Iterable[str]) -> Field:
    """Return the box for posts."""
    return Field(
        "post",
        "Post",
        hint="As articles name their owners. Several posts stand with semicolons between them.",
        required=False,
        max_length=MAX_POST,
        value="; ".join(present),
    )


def place(*, required: bool = False) -> tuple[Field, ...]:
    """Return the boxes for a platform and the id or address that somebody has there."""
    choices = tuple(Choice(key, name) for key, name in PLACES.items())
    hint = (
        "Slack: the member ID of their profile, U0123ABCD. Teams: the Object ID of their account in Microsoft Entra. "
        "E-mail: a work address. "
        "If it is not taken, bring it in a list, or let them type enrol me or link."
    )
    return (
        Field("platform", "Where", "choice", required=required, choices=choices, value="slack"),
        Field("id", "Id or address there", hint=hint, required=required, max_length=MAX_ID),
    )


def days(context: Context) -> tuple[Field, ...]:
    """Return the boxes for the first and the last day of something."""
    return (
        Field("from_on", "First day", "date", value=context.today.isoformat()),
        Field("until_on", "Last day", "date", hint="Leave it empty for no end.", required=False),
    )


def read_days(context: Context, fields: Mapping[str, str]) -> tuple[date, date | None] | Errors:
    """Return the first and the last day of a form, or what is wrong with them."""
    first = persons.read_day(context, fields.get("from_on", ""), default=context.today)
    last = persons.read_day(context, fields.get("until_on", ""))
    if not isinstance(first, date):
        return Errors({"from_on": first or "Please give the first day."})
    if isinstance(last, str):
        return Errors({"until_on": last})
    if last is not None and last < max(first, context.today):
        return Errors({"until_on": "The last day should not be before the first, nor before today."})
    return first, last


def wanted(context: Context, fields: Mapping[str, str], *, name: str | None = None) -> Wanted | Errors:
    """Return the record that a form describes, or what is wrong with it."""
    chosen = read_agency(context, fields)
    if isinstance(chosen, Errors):
        return chosen
    known_groups, known_roles = naming.group_names(context), {role.value for role in Role}
    named = _split(fields.get("roles", ""), ",")
    if unknown := named - known_roles:
        return Errors({"roles": f"I know no role called '{min(unknown)}'. Please choose from the list."})
    sits = _split(fields.get("groups", ""), ",")
    if unknown := sits - set(known_groups):
        return Errors({"groups": f"I know no group called '{min(unknown)}'. Please choose from the list."})
    held = _split(fields.get("post", ""), ";")
    if any(len(post) > MAX_POST for post in held):
        return Errors({"post": f"Please use at most {MAX_POST} characters."})
    return Wanted(name, chosen, frozenset(map(Role, named)), frozenset(sits), posts=frozenset(held))


def read_agency(context: Context, fields: Mapping[str, str]) -> str | Errors:
    """Return the agency of a form; a new one that is called nearly like a known one only when that is on purpose."""
    chosen, other = fields.get("agency", NO_AGENCY), " ".join(fields.get("other", "").split())
    known = naming.agencies(context)
    if chosen in known and not other:
        return chosen
    if chosen in (NO_AGENCY, "") and not other:
        return ""
    if not other:
        return Errors({"other": "Please write the name of the agency here."})
    if len(other) > MAX_AGENCY:
        return Errors({"other": f"Please use at most {MAX_AGENCY} characters. You have {len(other)}."})
    same = [name for name in known if name.casefold() == other.casefold()]
    if same:
        return same[0]
    nearest = naming.near(other, known)
    if nearest and fields.get("sure") != "yes":
        also = Field("sure", "It is another agency", "confirm", required=False)
        return Errors({"other": f"There is {nearest[0]} already. Choose it, or tick the box."}, also=also)
    return other


def read_place(fields: Mapping[str, str]) -> Identity | Errors | None:
    """Return the platform and id of a form, None where there is none, or what is wrong with it."""
    platform, text = fields.get("platform", ""), fields.get("id", "").strip()
    if not text:
        return None
    if platform not in PLACES:
        return Errors({"platform": "Please choose where this id is from."})
    problem = place_problem(platform, text)
    return Errors({"id": problem}) if problem else as_place(platform, text)


def as_place(platform: str, text: str) -> Identity:
    """Return a place under the id by which it is known; addresses and Teams' ids are the same in capitals."""
    return Identity(platform, text.strip().lower() if platform in ("email", "teams") else text.strip())


def place_problem(platform: str, text: str) -> str:
    """Say what is wrong with an id or an address; empty when nothing is."""
    if len(text) > MAX_ID or any(char.isspace() for char in text):
        return "This does not look like an id or an address."
    if platform == "email" and not _ADDRESS.fullmatch(text):
        return "An e-mail address should look like name@example.gov.uk."
    if platform == "slack" and not _SLACK_ID.fullmatch(text):
        return "A member ID of Slack should look like U0123ABCD. It stands in the person's profile, under More."
    if platform == "teams" and not _ENTRA_ID.fullmatch(text):
        return "An Object ID should look like 0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f. The IT department can look it up."
    return ""


def _joined(values: Iterable[str]) -> str:
    return ",".join(sorted(values))


def _split(text: str, by: str) -> set[str]:
    return {part for one in text.split(by) if (part := " ".join(one.split()))}
