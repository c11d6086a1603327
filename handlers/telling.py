"""Telling people of what was done to a record: one notice for each event, however often it is asked for."""

from __future__ import annotations

from collections.abc import Iterable

from db import deliveries, people
from db.deliveries import Destination, Queue
from db.people import SECRETARIAT, Identity
from handlers.context import Context
from handlers.messages import Card, card_to_json


def tell(context: Context, to: Iterable[Identity], card: Card, *, key: str, kind: str, urgent: bool = False) -> bool:
    """Queue a notice to each of these places. Return False when nobody is there, or when the key was told before."""
    places = [Destination(one.platform, one.user_id) for one in to]
    if not places:
        return False
    return deliveries.put(
        context.session,
        key=key,
        kind=kind,
        card=card_to_json(card),
        destinations=places,
        now=context.now,
        queue=Queue.URGENT if urgent else None,
    )


def tell_people(context: Context, person_ids: Iterable[int], card: Card, *, key: str, kind: str) -> bool:
    """Queue a private notice to each of these people who are here. Return False as `tell` does."""
    wanted = list(person_ids)
    to = people.places(context.session, wanted, on=context.today) if wanted else []
    return tell(context, to, card, key=key, kind=kind)


def tell_secretariat(context: Context, card: Card, *, key: str, kind: str) -> bool:
    """Queue a private notice to everybody of the secretariat. Return False as `tell` does."""
    return tell(context, people.reach(context.session, roles=SECRETARIAT, on=context.today), card, key=key, kind=kind)
