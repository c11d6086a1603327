"""The Executive answers, defers, or decides between meetings: three partners of different agencies, each in writing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time

from db import escalations, history, meetings
from db.escalations import Escalation
from handlers.context import Context, UserError
from handlers.escalations import boxes, clocks, parties, records, watching
from handlers.escalations.records import PARTNERS, Deed, Taken
from handlers.messages import Button, Errors, Field
from knowledge.calendar import instant

MEETING, BETWEEN = "meeting", "between meetings"
_SENDERS = ("group chair", "group channel")


def respond(context: Context, row: Escalation, fields: Mapping[str, str]) -> Taken | Errors:
    """Record what the Executive answered at its meeting, or before it: that is reported to the next one."""
    problem = boxes.too_long(fields, "response", boxes.MAX_RESPONSE)
    wrong = {"response": problem} if problem else {}
    if fields.get("decision", "") not in boxes.RESPONSES:
        wrong["decision"] = "Please choose one."
    on = _day(fields.get("on", ""))
    if on is None or on > context.today or (row.raised_at and on < context.day(row.raised_at)):
        wrong["on"] = "Please give the day of the decision: not before it was raised, and not after today."
    met = on is not None and _met(context, row, on)
    if on is not None and not met and row.urgency == records.URGENT and "meeting held" in records.facts(context, row):
        wrong.setdefault("on", "That was before its meeting: then an urgent one needs all three partners' answers.")
    if wrong or on is None:
        return Errors(wrong)
    text, decision = fields["response"].strip(), fields["decision"]

    def write() -> None:
        row.executive_response, row.decision_type = text, decision
        row.decided_at = context.now if on == context.today else instant(on, time(12), context.house.time_zone)
        row.decided_by = context.actor.person_id
        _decided(context, row, MEETING if met else BETWEEN)

    label = boxes.DECISIONS[decision]
    return Taken(
        facts=frozenset({"response"}),
        write=write,
        fields=("executive_response", "decision_type"),
        then=lambda: answered(context, row) if met else _to_report(context, row),
        says=f"{label}. {text}",
    )


def _met(context: Context, row: Escalation, on: date) -> bool:
    """Say whether a decision of a day was taken at a meeting: its own one was held by then, or another one that day."""
    target = records.target(context, row)
    return (target is not None and target.on <= on) or meetings.met(context.session, meetings.EXECUTIVE, on)


def _decided(context: Context, row: Escalation, how: str) -> None:
    coming = records.next_executive(context) if how == BETWEEN else None
    row.decided_how, row.report_meeting_id = how, coming.id if coming else None


def answered(context: Context, row: Escalation) -> None:
    """Note that the group has its answer: the notice of the decision gives it, wherever somebody can be reached."""
    watching.responded(context, row)
    if any(parties.told(context, row, party) for party in _SENDERS):
        row.feedback_to_group_at = context.now
    else:
        watching.answer(context, row)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _response(context: Context, _row: Escalation) -> tuple[Field, ...]:
    return (
        boxes.choice("decision", "What was decided?", boxes.RESPONSES),
        boxes.text("response", "The response, as the group is to read it", most=boxes.MAX_RESPONSE),
        Field("on", "Decided on", "date", value=context.today.isoformat()),
    )


def defer(context: Context, row: Escalation, fields: Mapping[str, str]) -> Taken | Errors:
    """Put it off to a later meeting. From the second time on, the scrutineer is told."""
    target = records.target(context, row)
    to = boxes.chosen(context, fields, after=target.on if target else None)
    wrong = {"reason": boxes.too_long(fields, "reason")} if boxes.too_long(fields, "reason") else {}
    if to is None:
        wrong["meeting"] = "Please choose a later meeting of the Executive. Dates are added with the word dates."
    if wrong or to is None:
        return Errors(wrong)
    reason = fields["reason"].strip()

    def write() -> None:
        row.deferrals += 1
        row.decision_type, row.status_reason = "deferred", reason
        row.target_meeting_id, row.response_due, row.still_wanted_at = to.id, to.on, None

    def then() -> None:
        watching.responded(context, row)
        watching.wanted(context, row, to.cut_off_on)
        if row.deferrals >= clocks.period(row.clocks, "deferrals"):
            records.tell(context, row, ("scrutineer",), done=f"deferred, {row.deferrals} times now", words_too=reason)

    def buttons() -> tuple[Button, ...]:
        return (Button("It is still wanted", "escalation.step", records.value(row, "want"), style="primary"),)

    return Taken(frozenset({"reason", "new date"}), write, ("target_meeting_id",), then, reason, buttons=buttons)


def _later(context: Context, row: Escalation) -> tuple[Field, ...]:
    target = records.target(context, row)
    after = target.on if target else None
    return (boxes.text("reason", "Why is it put off?"), boxes.meeting(context, "Until which meeting?", after=after))


# --- between meetings ------------------------------------------------------------------------------------------


def hurry(context: Context, row: Escalation) -> bool:
    """Put an urgent one before the three partners and the scrutineer at once; return whether it was one."""

    def write() -> None:
        coming = records.next_executive(context)
        row.asked_at = context.now
        if coming is not None and row.target_meeting_id is None:
            row.target_meeting_id, row.response_due = coming.id, coming.on

    facts = frozenset({"triage told"})
    taken = Taken(facts, write, then=lambda: watching.response(context, row), says=_urgently(context, row),
                  buttons=lambda: _choices(row))  # fmt: skip
    return records.by_clock(context, row, "hurry", taken, done="put before the partners as urgent")


def _urgently(context: Context, row: Escalation) -> str:
    coming = records.next_executive(context)
    when = f"Decide before {clocks.day(coming.on)}?" if coming else "Can it be decided now?"
    counts = "It counts when all three partners have answered."
    return f"{row.ask}\n\nWhy it cannot wait: {row.urgency_reason}\n\n{when} {counts}"


def _choices(row: Escalation) -> tuple[Button, ...]:
    return (
        Button("Respond now", "escalation.step", records.value(row, "answer"), style="primary", opens=True),
        Button("Agree to discuss", "escalation.step", records.value(row, "discuss")),
        Button("Wait for the meeting", "escalation.step", records.value(row, "wait")),
    )


def answer(context: Context, row: Escalation, fields: Mapping[str, str]) -> Taken | Errors:
    """Record one partner's answer. It is a decision when three of different agencies have given the same one."""
    wrong = {"response": boxes.too_long(fields, "response")} if boxes.too_long(fields, "response") else {}
    if fields.get("decision", "") not in boxes.RESPONSES:
        wrong["decision"] = "Please choose one."
    if wrong:
        return Errors(wrong)
    person_id = context.actor.person_id or 0
    agency = escalations.agency_of(context.session, person_id)
    if row.urgency != records.URGENT:
        raise UserError(f"{row.ref} is not urgent.", hint="The Executive answers it at its meeting.")
    if not agency:
        raise UserError("I do not know for which agency you answer.", hint="Ask the secretariat to enter your agency.")

    def write() -> None:
        escalations.answer(
            context.session, row, person_id=person_id, agency=agency, decision_type=fields["decision"],
            text=fields["response"].strip(), at=context.now,
        )  # fmt: skip

    return Taken(write=write, then=lambda: settle(context, row))


def settle(context: Context, row: Escalation) -> None:
    """Make a decision of the answers, once three partners of different agencies gave the same."""
    found = escalations.answers(context.session, row)
    if len(found) < PARTNERS:
        return
    if len({one.decision_type for one in found}) > 1:
        said = "\n\n".join(f"{one.agency}: {boxes.DECISIONS[one.decision_type]}. {one.text}" for one in found)
        records.tell(context, row, ("strategy manager", "three partners"), done="answered differently by partners",
                     words_too=f"{said}\n\nThe answers differ, so that it is no decision. It waits for the meeting, or "
                     "for a new answer of one of you.")  # fmt: skip
        return
    text = "\n\n".join(f"{one.agency}: {one.text}" for one in found)

    def write() -> None:
        row.executive_response, row.decision_type = text, found[0].decision_type
        row.decided_at, row.decided_by = context.now, context.actor.person_id
        _decided(context, row, BETWEEN)

    says = f"{boxes.DECISIONS[found[0].decision_type]}, by all three partners between meetings. {text}"
    taken = Taken(frozenset({"three answers"}), write, then=lambda: _to_report(context, row), says=says)
    records.by_clock(context, row, "settle", taken, done="decided between meetings")


def _to_report(context: Context, row: Escalation) -> None:
    answered(context, row)
    coming = records.next_executive(context)
    where = f"at the meeting on {clocks.day(coming.on)}" if coming else "at the next meeting"
    records.tell(context, row, ("coordinator",), done="decided between meetings, to be reported",
                 words_too=f"Report this decision {where}: the partners took it between meetings.")  # fmt: skip


def discuss(context: Context, row: Escalation, _fields: Mapping[str, str]) -> Taken | Errors:
    """Say that one is ready to talk about it before the meeting; nothing is decided by that."""
    return _before_the_meeting(context, row, DISCUSS, "agrees to discuss it before the meeting")


def wait(context: Context, row: Escalation, _fields: Mapping[str, str]) -> Taken | Errors:
    """Say that it can wait for the meeting."""
    return _before_the_meeting(context, row, WAIT, "would wait for the meeting")


def _before_the_meeting(context: Context, row: Escalation, deed: Deed, said: str) -> Taken:
    if row.urgency != records.URGENT:
        raise UserError(f"{row.ref} is not urgent.", hint="The Executive answers it at its meeting.")
    me, since = context.actor.person_id, row.asked_at or context.now
    mine = [one.action for one in history.of(context.session, row.ref) if one.actor_person_id == me and one.at >= since]
    if [one for one in mine if one in (DISCUSS.done, WAIT.done)][-1:] == [deed.done]:
        raise UserError("You have said that already.", hint="Those whom it concerns were told.")
    agency = escalations.agency_of(context.session, context.actor.person_id or 0)
    return Taken(says=f"{agency or 'A partner'} {said}.")


def _own_answer(_context: Context, _row: Escalation) -> tuple[Field, ...]:
    return (
        boxes.choice("decision", "Your decision", boxes.RESPONSES),
        boxes.text("response", "Your answer, in two sentences"),
    )


RESPOND = Deed("respond", "Record the response", "answered", respond, _response, style="primary", decides=True)
DEFER = Deed("defer", "Put it off", "deferred", defer, _later, decides=True)
ANSWER = Deed(
    "answer", "Respond now", "answered by one partner", answer, _own_answer, style="primary", decides=True, free=True,
    intro="All three statutory partners must give the same decision before it counts. It is reported to the next "
    "meeting.",
)  # fmt: skip
DISCUSS = Deed("discuss", "Agree to discuss", "taken up for discussion by a partner", discuss, free=True)
WAIT = Deed("wait", "Wait for the meeting", "left for the meeting by a partner", wait, free=True)
DEEDS = (RESPOND, DEFER, ANSWER, DISCUSS, WAIT)
