"""Conversations of Teams as rows: where each is reached, and where nothing may be said any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from db import chats
from db import engine as database
from db.chats import PERSONAL, Chat
from tests.fakes import Clock

OWN = Chat("a:one", PERSONAL, "tenant", "https://connector.example/", "person")
GENERAL = Chat("19:general", "channel", "tenant", "https://connector.example/", team="team")
OTHER = Chat("19:other", "channel", "tenant", "https://connector.example/", team="team")


@pytest.fixture
def session(engine: Engine, clock: Clock) -> Iterator[Session]:
    """Give a transaction in which three conversations are known."""
    with database.transaction(engine) as opened:
        for chat in (OWN, GENERAL, OTHER):
            chats.keep(opened, chat, at=clock.now)
            clock.pass_(days=1)
        yield opened


def test_a_conversation_is_found_as_it_was_kept(session: Session, clock: Clock) -> None:
    assert [chats.of_address(session, one.address, at=clock.now) for one in (OWN, GENERAL)] == [OWN, GENERAL]
    assert chats.with_person(session, "person", at=clock.now) == OWN
    assert chats.of_address(session, "19:nowhere", at=clock.now) is None
    assert chats.with_person(session, "nobody", at=clock.now) is None


def test_what_is_kept_again_is_as_it_was_said_last_and_keeps_its_team(session: Session, clock: Clock) -> None:
    moved = Chat(GENERAL.address, "channel", "tenant", "https://elsewhere.example/")
    chats.keep(session, moved, at=clock.now)

    found = chats.of_address(session, GENERAL.address, at=clock.now)
    assert found is not None
    assert (found.service_url, found.team) == ("https://elsewhere.example/", "team")


def test_the_newest_chat_with_a_person_is_theirs(session: Session, clock: Clock) -> None:
    newer = Chat("a:two", PERSONAL, "tenant", "https://connector.example/", "person")
    chats.keep(session, newer, at=clock.now)

    assert chats.with_person(session, "person", at=clock.now) == newer


def test_nothing_is_said_where_the_app_was_taken_out_until_somebody_speaks_there_again(
    session: Session, clock: Clock
) -> None:
    chats.silence(session, OWN.address)
    silent = (chats.of_address(session, OWN.address, at=clock.now), chats.with_person(session, "person", at=clock.now))
    was = chats.is_silent(session, "person", at=clock.now)
    chats.keep(session, OWN, at=clock.now)

    assert (silent, was, chats.is_silent(session, "person", at=clock.now)) == ((None, None), True, False)
    assert chats.with_person(session, "person", at=clock.now) == OWN


def test_a_team_without_the_app_is_silent_in_all_its_channels_and_nobody_else_is(
    session: Session, clock: Clock
) -> None:
    chats.silence(session, GENERAL.address, team="team")

    assert chats.of_address(session, GENERAL.address, at=clock.now) is None
    assert chats.of_address(session, OTHER.address, at=clock.now) is None
    assert chats.of_address(session, OWN.address, at=clock.now) == OWN


def test_a_conversation_of_no_team_silences_no_other(session: Session, clock: Clock) -> None:
    chats.silence(session, OWN.address, team="")

    assert chats.of_address(session, GENERAL.address, at=clock.now) == GENERAL


def test_a_chat_that_is_gone_is_forgotten_and_its_person_is_not_silent(session: Session, clock: Clock) -> None:
    chats.forget(session, OWN.address)

    assert chats.with_person(session, "person", at=clock.now) is None
    assert not chats.is_silent(session, "person", at=clock.now)


def test_a_conversation_that_refuses_is_spoken_in_again_when_its_time_is_over(session: Session, clock: Clock) -> None:
    chats.silence(session, OWN.address, until=clock.now + timedelta(days=1))
    said = []
    for _ in range(2):
        said.append(
            (chats.with_person(session, "person", at=clock.now), chats.is_silent(session, "person", at=clock.now))
        )
        clock.pass_(days=1)

    assert said == [(None, True), (OWN, False)]


def test_where_the_app_is_put_in_again_every_channel_of_the_team_is_spoken_in(session: Session, clock: Clock) -> None:
    chats.silence(session, GENERAL.address, team="team")
    chats.speak_again(session, "team")

    assert chats.of_address(session, OTHER.address, at=clock.now) == OTHER


def test_new_chats_are_made_beside_where_somebody_spoke_or_else_in_the_tenant(session: Session, clock: Clock) -> None:
    abroad = Chat("19:abroad", "channel", "other tenant", "https://abroad.example/", team="abroad")
    chats.keep(session, abroad, at=clock.now)
    chats.silence(session, OTHER.address)  # even there: it only says where Teams is

    assert chats.near(session, "somebody", "tenant") == OTHER
    assert chats.near(session, "somebody", "other tenant") == abroad
    assert chats.near(session, OWN.address, "other tenant") == OWN


def test_what_is_as_it_was_is_not_written_again(session: Session, clock: Clock) -> None:
    chats.keep(session, OTHER, at=clock.now)
    session.flush()
    written: list[str] = []
    listening = (session.get_bind(), "before_cursor_execute", lambda *args: written.append(args[2]))
    event.listen(*listening)
    chats.keep(session, OTHER, at=clock.now)
    event.remove(*listening)

    assert [one.split()[0] for one in written] == ["SELECT"]
