"""Keys that sign links: what they signed is read, what anybody changed is not, on every replica."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, func, select

from db import keys
from db.engine import transaction
from db.keys import SigningKey
from tests.fakes import Clock


def signed(engine: Engine, clock: Clock, payload: bytes = b"payload") -> str:
    with transaction(engine) as session:
        return keys.sign(session, payload, now=clock.now)


def read(engine: Engine, token: str) -> bytes | None:
    with transaction(engine) as session:
        return keys.read(session, token)


def test_what_was_signed_is_read_again(engine: Engine, clock: Clock) -> None:
    assert read(engine, signed(engine, clock)) == b"payload"


SPOILT: dict[str, Callable[[str], str]] = {
    "nothing": lambda _: "",
    "another payload": lambda token: token.replace(token.split(".")[1], "b3RoZXI"),
    "another mark": lambda token: token[:-2] + ("AA" if token[-2:] != "AA" else "BB"),
    "no mark": lambda token: token.rpartition(".")[0] + ".",
    "another key": lambda token: "9" + token,
    "a key that is no number": lambda token: "²" + token[1:],
    "padding": lambda token: token + "=",
    "other letters": lambda token: token + "é",
    "too long": lambda token: token + "A" * 5000,
    "a huge number": lambda token: "9" * 40 + token[1:],
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_what_was_changed_is_not_read(engine: Engine, clock: Clock, spoil: Callable[[str], str]) -> None:
    assert read(engine, spoil(signed(engine, clock))) is None


def test_a_new_key_reads_what_the_old_one_signed_until_the_old_one_is_retired(engine: Engine, clock: Clock) -> None:
    before = signed(engine, clock)
    with transaction(engine) as session:
        keys.rotate(session, now=clock.now)
    assert read(engine, before) == b"payload"
    assert signed(engine, clock).partition(".")[0] != before.partition(".")[0]

    with transaction(engine) as session:
        keys.rotate(session, now=clock.now, at_once=True)

    assert read(engine, before) is None
    assert read(engine, signed(engine, clock)) == b"payload"


def test_replicas_that_sign_first_at_once_make_one_key(engine: Engine, clock: Clock) -> None:
    with ThreadPoolExecutor(4) as threads:
        tokens = list(threads.map(lambda _: signed(engine, clock), range(8)))

    assert [read(engine, token) for token in tokens] == [b"payload"] * 8
    with transaction(engine) as session:
        assert session.scalar(select(func.count()).select_from(SigningKey)) == 1
