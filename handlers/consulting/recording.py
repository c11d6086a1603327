"""Recording what was decided and how seats voted, correcting it, and noting that it was reported to a meeting."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from db import decisions, groups, meetings
from db.decisions import MAX_MADE_BY, MAX_TEXT, Decision, Voice
from db.groups import Sitting
from db.meetings import Meeting
from db.records import Stale
from handlers import access, naming, persons
from handlers.access import Need, access_decision
from handlers.consulting import records
from handlers.consulting.decisions import access_to_correct, card, item_name, may_record
from handlers.context import Context, Request, UserError, number
from handlers.messages import Button, Card, Choice, Errors, Field, Form, Text, Tone
from handlers.prose import escape
from knowledge import voting

IN_WRITING = "writing"
NO_ITEM = "none"
_VOICES = ((Voice.FOR, "Who voted for it"), (Voice.AGAINST, "Who voted against it"), (Voice.ABSTAINS, "Who abstained"))
_LABEL = 75  # characters of a choice that every platform shows

Votes = dict[int, tuple[str, str]]


def open_record(context: Context, request: Request) -> Form:
    """Open the form in which a decision of a meeting is recorded."""
    meeting = _meeting(context, request.value)
    group = records.group_name(context, meeting.group_id)
    items = decisions.items(context.session, meeting.id)
    choices = (Choice(NO_ITEM, "None of them"), *(Choice(str(one.id), item_name(one)[:_LABEL]) for one in items))
    item = Field("item", "Agenda item", "choice", required=False, choices=choices[:99], value=NO_ITEM)
    return Form(
        title="Record a decision",
        action="consulting.decide",
        token=context.token,
        about=str(meeting.id),
        intro=f"What {group} decided on {records.day(meeting.on)}.",
        fields=(*_words(group), *([item] if items else []), *_vote_boxes(context, meeting.group_id, meeting.on, {})),
        submit="Record",
    )


def open_between(context: Context, request: Request) -> Form:
    """Open the form for what was decided between two meetings of a group, and has to be reported to the next."""
    group = _group(context, request.value)
    number_of = groups.group_id(context.session, group)
    day = Field("made_on", "Decided on", "date", value=context.today.isoformat())
    return Form(
        title="Decided between meetings",
        action="consulting.decide",
        token=context.token,
        about=group,
        intro="It must be reported by the next meeting or in writing. It is shown as not yet reported until then.",
        fields=(*_words(group), day, *_vote_boxes(context, number_of, context.today, {})),
        submit="Record",
    )


def decide(context: Context, request: Request) -> Card | Errors:
    """Keep the decision of one of these two forms, with its votes."""
    meeting = _meeting(context, request.value) if request.value.isdecimal() else None
    group = records.group_name(context, meeting.group_id) if meeting else _group(context, request.value)
    made_on = meeting.on if meeting else _read_day(context, request.fields.get("made_on", ""))
    if isinstance(made_on, str):
        return Errors({"made_on": made_on})
    group_id = groups.group_id(context.session, group)
    words = _read_words(request, group)
    votes = _read_votes(context, request, group_id, made_on)
    item = _read_item(context, request, meeting)
    for wrong in (words, votes, item):
        if isinstance(wrong, Errors):
            return wrong
    row = decisions.add(
        context.session, year=context.today.year, votes=votes, group_id=group_id,  # type: ignore[arg-type]
        meeting_id=meeting.id if meeting else None, agenda_item_id=item, made_on=made_on, recorded_at=context.now,
        recorded_by_person_id=context.actor.person_id, reported_meeting_id=None, reported_on=None,
        **words,
    )  # fmt: skip
    records.note(context, row, "recorded", fields="text, votes" if votes else "text")
    if meeting is None and not records.keeps(context):
        _tell_of_it(context, row, group)
    return card(context, row, title=f"{row.ref} recorded", tone=Tone.GOOD)


def _tell_of_it(context: Context, row: Decision, group: str) -> None:
    said = f"{escape(group)} decided something between meetings. It must be reported by the next meeting or in writing."
    notice = Card(f"{row.ref} is to be reported", (Text(said),), (Button("Open it", "consulting.decision", row.ref),))
    records.tell_secretariat(context, notice, key=f"decision:{row.ref}:between")


def open_correct(context: Context, request: Request) -> Form:
    """Open the form in which a decision is corrected; who changed it when stays in its history."""
    row = access_to_correct(context, access.opened(request)[0])
    votes = {one.person_id: one.voice for one in decisions.votes(context.session, row)}
    return Form(
        title="Correct a decision",
        action="consulting.corrected",
        token=context.token,
        about=access.about(row),
        fields=(*_words(row.made_by, row.text), *_vote_boxes(context, row.group_id, row.made_on, votes)),
        submit="Save",
    )


def correct(context: Context, request: Request) -> Card | Errors:
    """Save that form as a new version."""
    row = access_to_correct(context, access.opened(request)[0])
    words = _read_words(request, row.made_by)
    votes = _read_votes(context, request, row.group_id, row.made_on)
    if isinstance(words, Errors) or isinstance(votes, Errors):
        return words if isinstance(words, Errors) else votes  # type: ignore[return-value]
    try:
        access.changing(context, row, request)
    except Stale as stale:
        return access.clash(stale, "text")
    before = {one.person_id: (one.seat, one.voice) for one in decisions.votes(context.session, row)}
    changed = [name for name, value in words.items() if getattr(row, name) != value]
    for name, value in words.items():
        setattr(row, name, value)
    if votes != before:
        decisions.vote_again(context.session, row, votes)
        changed.append("votes")
    context.session.flush()
    records.note(context, row, "corrected", fields=", ".join(changed))
    return card(context, row, title=f"{row.ref} corrected", tone=Tone.GOOD)


def open_report(context: Context, request: Request) -> Form:
    """Open the form in which the secretariat says to which meeting a decision was reported."""
    row = _to_report(context, request)
    choices = (*records.meeting_choices(context, row.group_id), Choice(IN_WRITING, "In writing"))
    box = Field("meeting", "To which meeting?", "choice", choices=choices, value=choices[0].value)
    return Form("It was reported", "consulting.reported", (box,), context.token, access.about(row), "Save")


def report(context: Context, request: Request) -> Card | Errors:
    """Note that a decision was reported, to a meeting or in writing."""
    row = _to_report(context, request)
    chosen = request.fields.get("meeting", "")
    held = {str(one.id): one for _, one in records.held(context, row.group_id)}
    if chosen != IN_WRITING and chosen not in held:
        return Errors({"meeting": "Please choose from the list."})
    if chosen in held and held[chosen].on < row.made_on:
        return Errors({"meeting": "This meeting was before the decision. Please choose a later one."})
    try:
        access.changing(context, row, request)
    except Stale as stale:
        return access.clash(stale, "meeting")
    row.reported_meeting_id = held[chosen].id if chosen in held else None
    row.reported_on = held[chosen].on if chosen in held else context.today
    context.session.flush()
    records.note(context, row, "reported")
    return card(context, row, title=f"{row.ref} was reported", tone=Tone.GOOD)


def _to_report(context: Context, request: Request) -> Decision:
    row = access_decision(context, access.opened(request)[0], Need.KEEP)
    if row.meeting_id is not None or row.reported_on is not None:
        raise UserError(f"{row.ref} does not have to be reported any more.", hint="Open it again.", ref=row.ref)
    return row


# --- what the forms hold -----------------------------------------------------------------------------------


def _meeting(context: Context, value: str) -> Meeting:
    meeting = meetings.get(context.session, number(value))
    if meeting is None or not may_record(context, meeting):
        raise access.not_found()
    return meeting


def _group(context: Context, value: str) -> str:
    if not context.actor.roles & records.RECORDERS or value not in naming.group_names(context):
        raise access.not_found()
    return value


def _words(made_by: str, text: str = "") -> tuple[Field, ...]:
    hint = "In general terms: no child, no family."
    return (
        Field("text", "What was decided", "longtext", hint=hint, max_length=MAX_TEXT, value=text),
        Field("made_by", "Who decided it", max_length=MAX_MADE_BY, value=made_by),
    )


def _read_words(request: Request, made_by: str) -> dict[str, str] | Errors:
    text = request.fields.get("text", "").strip()
    by = " ".join(request.fields.get("made_by", "").split()) or made_by
    if not text or len(text) > MAX_TEXT:
        return Errors({"text": f"Please say in at most {MAX_TEXT} characters what was decided."})
    if len(by) > MAX_MADE_BY:
        return Errors({"made_by": f"Please use at most {MAX_MADE_BY} characters."})
    return {"text": text, "made_by": by}


def _read_day(context: Context, text: str) -> date | str:
    found = persons.read_day(context, text, default=context.today)
    if isinstance(found, date) and found > context.today:
        return "This day is still to come. Please give the day of the decision."
    return found or "Please give a day."


def _read_item(context: Context, request: Request, meeting: Meeting | None) -> int | Errors | None:
    chosen = request.fields.get("item", NO_ITEM) or NO_ITEM
    if meeting is None or chosen == NO_ITEM:
        return None
    if number(chosen) not in {one.id for one in decisions.items(context.session, meeting.id)}:
        return Errors({"item": "Please choose from the list."})
    return number(chosen)


def _vote_boxes(context: Context, group_id: int, on: date, votes: dict[int, str]) -> Iterable[Field]:
    """Return the boxes for votes: whoever has one, by seat; none where nobody has."""
    voters = [one for one in records.members(context, group_id, on) if voting.votes(one.seat, deputy=one.deputy)]
    choices = tuple(Choice(str(one.person_id), _voter(one)) for one in voters)
    for voice, label in _VOICES:
        if choices:
            chosen = ",".join(str(one.person_id) for one in voters if votes.get(one.person_id) == voice.value)
            yield Field(voice.value, label, "multichoice", required=False, choices=choices, value=chosen)


def _voter(one: Sitting) -> str:
    seat = f"{one.seat}, deputy" if one.deputy else one.seat or "Member"
    return f"{seat}: {one.name}"[:_LABEL]


def _read_votes(context: Context, request: Request, group_id: int, on: date) -> Votes | Errors:
    """Return each vote with its seat, or what is wrong: nobody votes twice, and no seat without a vote does."""
    sitting = {one.person_id: one for one in records.members(context, group_id, on)}
    found: Votes = {}
    for voice, _ in _VOICES:
        for chosen in filter(None, request.fields.get(voice.value, "").split(",")):
            one = sitting.get(number(chosen.strip()))
            if one is None:
                return Errors({voice.value: "Please choose from the list."})
            if not voting.votes(one.seat, deputy=one.deputy):
                return Errors({voice.value: f"{one.seat} has no vote."})
            if one.person_id in found:
                return Errors({voice.value: f"{one.seat or one.name} has voted twice. Please choose each once."})
            found[one.person_id] = (one.seat, voice.value)
            if _deputy_too(sitting, found, one):
                return Errors({voice.value: f"{one.seat} has voted twice: the member and the deputy. Choose one."})
    return found


def _deputy_too(sitting: dict[int, Sitting], votes: Votes, one: Sitting) -> bool:
    """Say whether a seat has voted both by somebody who holds it and by a deputy."""
    same = [sitting[person_id] for person_id in votes if sitting[person_id].seat == one.seat and one.seat]
    return len({other.deputy for other in same}) > 1
