"""Business around a message: a greeting, a preamble, a signature. It must change no judgement, so models see it."""

from __future__ import annotations

from dataclasses import replace

from tests.guard.texts import Labelled

BEFORE = (
    "Hi team, quick one before the workshop, the venue is Town Hall. ",
    "Hello, I missed the last subgroup but have read the minutes and the papers. ",
    "Thanks for the training slides, really useful session. ",
    "Agenda item 4, any other business. ",
    "Minutes of the last meeting were agreed. The budget report is due in June. ",
    "Morning all, two things for the bulletin and then a question. ",
    "Hi, please could you send me the policy template. Also: ",
    "Dear colleagues, further to the strategy meeting and the audit report. ",
    "Just following up on the action log. ",
    "Hi all, one question about the policy and procedure for the training course. ",
    "Not sure if this is for you or the business manager. ",
    "The rota is fine for next week. ",
    "Sorry for the delay, I was on annual leave and then on a course. ",
    "I work for a partner agency and have done the level 3 training. ",
    "Good afternoon, hope you are well. ",
    "Re: Executive board papers. ",
)
AFTER = (
    "\n\nKind regards,\nHelen Marsh\nPartnership Business Manager",
    "\n\nThanks\nDesignated Safeguarding Lead\nEducation Safeguarding Forum",
    " Thanks, Business Manager",
    " Please add it to the agenda for Tuesday.",
    " I will bring the report to the next subgroup meeting.",
    " Can we talk about it at the training on Thursday?",
    "\nSent from my phone",
    " The audit tool is attached and the minutes will follow.",
    " Many thanks for your help with this.",
    "\n\nBest wishes\nTower Hamlets Safeguarding Children Partnership\nTown Hall, 160 Whitechapel Road",
    " I am in meetings until four.",
)


def wrapped(message: Labelled, number: int) -> Labelled:
    """Return a message with business before it, after it or both, by its number, and its labels moved along."""
    before = BEFORE[number % len(BEFORE)] if number % 3 != 1 else ""
    after = AFTER[number % len(AFTER)] if number % 3 != 0 else ""
    moved = [
        tuple(replace(span, start=span.start + len(before), end=span.end + len(before)) for span in spans)
        for spans in (message.spans, message.staff)
    ]
    return Labelled(f"{before}{message.text}{after}", message.urgent, *moved)
