"""Decisions and consultations on both databases: what is kept, held and counted."""

from __future__ import annotations

from threading import Barrier, Thread

from handlers.context import Request
from tests.consulting import CON, DEC, TUESDAY, Room
from tests.fakes import Bot, said


def test_a_question_goes_from_asked_to_closed(bot: Bot) -> None:
    room = Room(bot)
    room.asks()
    room.replies(room.police, "Disagree", "It costs too much.")
    room.replies(room.police, "Agree")
    room.at(2026, 12, 9)
    assert [room.tick(), room.tick()] == [1, 0]
    room.keeps("Close it", outcome="It goes back.")

    card = room.card(room.trust, f"consultation {CON}")

    assert "3 of 4 have not replied. Silence is not agreement." in said(card)
    assert "It goes back." in said(card).replace("\\", "")


def test_a_decision_is_recorded_with_votes_and_corrected(bot: Bot) -> None:
    room = Room(bot)
    room.meets(TUESDAY.date())
    chair, police = str(room.number(room.chair)), str(room.number(room.police))
    card = room.decides(**{"for": chair})
    form = room.bot.opens(card, "Correct it", who=room.coordinator)

    room.bot.sends(form, who=room.coordinator, **{"for": police, "against": chair})

    shown = said(room.card(room.police, f"decisions {DEC}"))
    assert "1 for, 1 against, 0 abstained" in shown


def test_two_who_reply_at_the_same_moment_are_both_counted(bot: Bot) -> None:
    room = Room(bot)
    room.asks()
    ready = Barrier(2)

    def replies(who: object) -> None:
        ready.wait(10)
        bot.does(Request(who, route="consulting.reply", value=f"{CON}|agree"))  # type: ignore[arg-type]

    threads = [Thread(target=replies, args=(who,)) for who in (room.police, room.trust)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    card = room.card(room.chair, f"consultation {CON}")
    assert ("Agree", "2") in card.body[2].pairs  # type: ignore[union-attr]
