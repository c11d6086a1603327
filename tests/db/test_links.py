"""Links to files: those that an earlier version gave out, and two who use one at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

from db import engine as database
from db import links, migrate, people
from db.people import Identity, Role

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
_OLD = (
    "INSERT INTO people (id, name, platform, quiet_hours) VALUES (1, 'Nico', '', '')",
    (
        "INSERT INTO enquiries (id, year, number, asked_at, asker_platform, asker_user_id, text) "
        "VALUES (7, 2026, 1, '2026-11-21 09:00:00', 'test', 'ann', 'Who?')"
    ),
    (
        "INSERT INTO download_links (token_hash, enquiry_id, person_id, expires_at) "
        "VALUES ('hash', 7, 1, '2026-11-21 10:00:00+00:00')"
    ),
)


def test_a_link_to_a_draft_that_an_earlier_version_gave_out_still_works_and_can_go_back(empty_url: str) -> None:
    engine = database.connect(empty_url)
    migrate.upgrade(engine, "0005_bulletins")
    with engine.begin() as connection:
        for statement in _OLD:
            connection.execute(text(statement.replace("+00:00", "") if "sqlite" in empty_url else statement))

    migrate.upgrade(engine, "0006_reminders")

    with database.transaction(engine) as session:
        found = links.usable(session, "hash", purposes=["draft"], at=NOW)
        assert found
        assert (found.purpose, found.about, found.person_id) == ("draft", "7", 1)
    migrate.downgrade(engine, "0005_bulletins")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT token_hash, enquiry_id FROM download_links")).all() == [("hash", 7)]
    engine.dispose()


def test_of_two_who_use_a_link_at_the_same_moment_one_has_it(engine: Engine) -> None:
    with database.transaction(engine) as session:
        who = people.enrol(session, Identity("test", "ann"), name="Ann", roles=[Role.MEMBER], on=NOW.date())
        ends = NOW + timedelta(hours=1)
        links.make(session, "draft", "7", person_id=who, expires_at=ends, token_hash="hash")

    def use(_number: int) -> bool:
        with database.transaction(engine) as session:
            return links.use(session, "hash", purposes=["draft"], at=NOW) is not None

    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(use, range(8))) == 1
