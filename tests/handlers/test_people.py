"""Who is enrolled from the start."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from db import engine as database
from db.people import Identity, Person, RoleGrant
from handlers import demo, people
from tests.fakes import Bot

ANNA = Identity("test", "anna")


def test_the_secretariat_of_the_settings_is_there_from_the_start_once(bot: Bot) -> None:
    assert bot.types("gaps", who=ANNA).title == "I cannot show you that."

    for _ in range(2):
        bot.dispatcher.within(lambda context: people.bootstrap(context, [ANNA]))

    assert bot.types("gaps", who=ANNA).title == "Gaps in the knowledge base"
    assert (bot.counted(Person), bot.counted(RoleGrant)) == (1, 1)


def test_a_start_gives_nobody_a_role_back_who_has_left(bot: Bot) -> None:
    def start() -> None:
        bot.dispatcher.within(lambda context: people.bootstrap(context, [ANNA]))

    start()
    with database.transaction(bot.engine) as session:
        session.execute(update(Person).values(left_on=bot.clock.now.date()))
    start()

    assert bot.types("gaps", who=ANNA).title == "I cannot show you that."
    assert (bot.counted(Person), bot.counted(RoleGrant)) == (1, 1)


def test_the_invented_people_are_enrolled_once_and_the_visitor_never(bot: Bot) -> None:
    for _ in range(2):
        bot.dispatcher.within(lambda context: demo.enrol(context, "test"))

    with Session(bot.engine) as session:
        names = sorted(person.name for person in session.query(Person))
    assert names == sorted(persona.name for persona in demo.PERSONAS.values() if persona.roles)
    assert bot.types("gaps", who=Identity("test", "coordinator")).title == "Gaps in the knowledge base"
    assert bot.types("gaps", who=Identity("test", "visitor")).title == "I cannot show you that."
