"""The invented people: every role can be tried, and one of them nobody knows."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.dispatcher import Dispatcher
from bot.playground import PLATFORM
from db import people
from db.people import Identity, Person, Role, RoleGrant
from handlers import demo
from tests.fakes import Clock

TRIED = {Role.MEMBER, Role.CHAIR, Role.COORDINATOR, Role.STRATEGY_MANAGER, Role.SCRUTINEER, Role.STATUTORY_PARTNER}


@pytest.mark.usefixtures("dispatcher")
def test_every_role_of_the_partnership_can_be_tried(sqlite_engine: Engine, clock: Clock) -> None:
    on = clock.now.date()

    with Session(sqlite_engine) as session:
        known = {key: people.find(session, Identity(PLATFORM, key), on=on).roles for key in demo.PERSONAS}

    assert frozenset().union(*known.values()) == TRIED
    assert known["visitor"] == frozenset()
    assert known == {key: persona.roles for key, persona in demo.PERSONAS.items()}


def test_enrolling_them_again_changes_nothing(dispatcher: Dispatcher, sqlite_engine: Engine) -> None:
    dispatcher.within(lambda context: demo.enrol(context, PLATFORM))

    with Session(sqlite_engine) as session:
        counts = session.query(Person).count(), session.query(RoleGrant).count()

    enrolled = [persona for persona in demo.PERSONAS.values() if persona.roles]
    assert counts == (len(enrolled), sum(len(persona.roles) for persona in enrolled))
