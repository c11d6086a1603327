"""What is said in place of an answer: whom to call about a child in danger, and how to ask without saying who it is.

None of it needs storage, a template or a working search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handlers.calling import lines, one_line
from handlers.messages import MAX_BUTTONS, Button, Card, Element, Errors, Note, Text, Tone
from handlers.prose import escape
from handlers.safety import DANGER_LINE, MAX_SHOWN, NOT_FAMILY, WHOSE_NAME, Look, Screening
from knowledge.articles import Article
from knowledge.contacts import Contact
from knowledge.guard import Kind

Contacts = Mapping[str, Contact]

NAMES = "names"  # what the button carries, so that its form asks whose name it is
REFERRAL = "mash-referral"  # the article about making one
CALLS = ("emergency", "mast", "edt")

_PROGRAM = "I am a computer program. Nobody reads this here."
_OWN_RECORD = "Keep names out, and record it in your own system."
_INSTEAD = {
    Kind.NAME: "write 'a child' or 'the mother' in place of the name",
    Kind.DOB: "write 'a child of about 7' in place of the date",
    Kind.NHS_NUMBER: "leave the number out",
    Kind.NINO: "leave the number out",
    Kind.CASE_REF: "write 'an open case' in place of the reference",
    Kind.PHONE: "leave the number out",
    Kind.EMAIL: "write 'the parent' in place of the address",
    Kind.ADDRESS: "write 'in the borough' in place of the address",
    Kind.POSTCODE: "write 'in the borough' in place of the postcode",
    Kind.SCHOOL_YEAR_COMBO: "write 'a pupil at a primary school', without the school, the year or the day",
}


def answer(found: Screening, contacts: Contacts, nearest: Sequence[Article] = ()) -> Card:
    """Return the card for words that were not taken.

    Under it stand buttons for the `nearest` articles: the text may have been a question after all.
    """
    if found.failed:
        return _unchecked(contacts)
    return _danger(found.whole, contacts, nearest) if found.urgent else _refusal(found, contacts, nearest)


def form_errors(found: Screening, contacts: Contacts) -> Errors:
    """Say under each field of a form what is wrong with it; where names are all, ask whose they are."""
    if found.failed:
        return Errors(dict.fromkeys(found.fields, f"I could not check this, so nothing was saved. {_calls(contacts)}"))
    wrong = {name: look for name, look in found.fields.items() if look.urgent or look.kinds}
    asks = found.overridable
    said = {name: _field_message(look, contacts, asks=asks) for name, look in wrong.items()}
    if not asks:
        return Errors(said)
    return Errors({**said, NOT_FAMILY: "Choose whose name it is, or take the name out."}, also=WHOSE_NAME)


def no_referral(contacts: Contacts, *, article: bool) -> Text:
    """Return the line that stands before an answer when somebody seems to refer a child here."""
    how = f" [How to make a referral](kb:{REFERRAL})." if article else ""
    return Text(f"**This chat is not a referral: nobody has received one.** {_referral_route(contacts)}{how}")


def one_case() -> Note:
    """Return the line that stands after an answer to words that read like one child's case."""
    return Note(f"This reads like one child's case. {_OWN_RECORD}")


def _field_message(look: Look, contacts: Contacts, *, asks: bool) -> str:
    if look.urgent:
        more = [one_line(contacts, ("lado",))] if look.staff else []
        more += [one_line(contacts, ("childline",))] if look.child else []
        return " ".join((_calls(contacts), *more, _PROGRAM, "Nothing was saved."))
    referral = f" This is not a referral. {one_line(contacts, ('mast',))}" if look.referral else ""
    how = f"Take the details out: {_instead(look)}."
    if not look.only_names:
        return f"I found {_found(look)}. {how} Nothing was saved.{referral}"
    asked = "" if look.sure else " Is it the name of a child or family?"
    whose = " If it is nobody's child or family, say whose name it is." if asks else ""
    return f"I found {_found(look)}.{asked} {how}{whose} Nothing was saved.{referral}"


def _danger(look: Look, contacts: Contacts, nearest: Sequence[Article]) -> Card:
    body: list[Element] = [Text(f"**{_PROGRAM}** People can help, now.")]
    if look.child:
        body.append(
            Text(
                "If this is about you: you did the right thing to say it. Tell an adult you trust. "
                f"You can also talk to Childline. {escape(one_line(contacts, ('childline',)))}"
            )
        )
    called = (*CALLS, *(["lado"] if look.staff else []), "childline")
    body += lines(contacts, called)
    if look.staff:
        body.append(Text("Is it about an adult who works or helps with children? Tell the LADO too, today."))
    body.append(Text("Then tell your safeguarding lead. Write down what you saw and heard, in your own record."))
    body.append(Note(f"I have not kept your message.{_MAY_NAME if look.kinds else ''}"))
    return Card(
        title=DANGER_LINE,
        body=tuple(body),
        tone=Tone.DANGER,
        fallback=_calls(contacts),
        actions=(_WHOM_TO_CALL, *_read(nearest)),
    )


def _refusal(found: Screening, contacts: Contacts, nearest: Sequence[Article]) -> Card:
    look, asks = found.whole, found.decision == "ask"
    title = "Is this the name of a child or family?" if asks else "That looks like personal details"
    todo = (
        f"- Ask again without it: {_instead(look)}.\n"
        "- Delete your message here if you can.\n"
        "- Tell your data-protection lead if others could read it."
    )
    body: list[Element] = [
        Text(f"I found {escape(_found(look))}. **I have not kept your message.**"),
        Text(f"If it is:\n\n{todo}" if asks else todo),
    ]
    if found.overridable:
        body.append(Text("Is it nobody's child or family? Press the first button and say whose name it is."))
    if look.referral:
        body.append(no_referral(contacts, article=False))
    body += [
        Text(f"One child's case belongs in your own record and with MAST, not here. {DANGER_LINE}"),
        *lines(contacts, ("mast", "edt")),
    ]
    again = (
        Button("It is not about a child or family", "ask.again", NAMES, opens=True)
        if found.overridable
        else Button("Ask again without it", "ask.again", opens=True)
    )
    return Card(
        title=title,
        body=tuple(body),
        tone=Tone.WARNING,
        fallback=f"{title}{'' if asks else '.'} I have not kept your message.",
        actions=(again, _WHOM_TO_CALL, *(_read(nearest) if look.referral else ())),
    )


def _unchecked(contacts: Contacts) -> Card:
    body = (
        Text(f"**{_PROGRAM}** I could not check your message, so I have neither kept nor answered it."),
        *lines(contacts, (*CALLS, "childline")),
        Text("For anything else, try again in a minute. If it keeps happening, tell the secretariat."),
    )
    return Card(DANGER_LINE, body, (_WHOM_TO_CALL,), Tone.DANGER, fallback=_calls(contacts))


_MAY_NAME = " Please delete it here if you can: it may name somebody."
_WHOM_TO_CALL = Button("Whom to call", "contact.show")


def _read(articles: Sequence[Article]) -> list[Button]:
    return [Button(f"Read: {one.title}", "ask.topic", one.slug) for one in articles[: MAX_BUTTONS - 2]]


def _found(look: Look) -> str:
    shown = list(dict.fromkeys(look.shown))[:MAX_SHOWN]
    return ", ".join(shown) + (" and more" if len(look.kinds) > MAX_SHOWN else "")


def _instead(look: Look) -> str:
    return _INSTEAD[look.kinds[0]]


def _calls(contacts: Contacts) -> str:
    return f"{DANGER_LINE} {one_line(contacts, ('mast', 'edt'))}"


def _referral_route(contacts: Contacts) -> str:
    return f"To refer a child, send MAST its request for support form, or ring. {escape(one_line(contacts, ('mast',)))}"


def without_form(errors: Errors) -> Card:
    """Say what is wrong, where there is no form under whose boxes it could stand."""
    return Card(
        title="That could not be taken",
        body=tuple(Text(escape(line)) for line in dict.fromkeys(errors.by_field.values())),
        tone=Tone.WARNING,
    )
