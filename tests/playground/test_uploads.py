"""The page behind an upload link."""

from __future__ import annotations

import re

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import playground
from bot.dispatcher import Dispatcher
from db.people import Identity
from handlers.context import Context, Request, UserError
from handlers.messages import Button, Card, Facts, Heading, Image, Link, Note, Table, Text, Tone
from tests.fakes import Clock
from tests.playground.visitor import words

CSV = b"name,agency\nPat Practitioner,Example Primary School\n"
NICO = Identity(playground.PLATFORM, "coordinator")


class Desk:
    """Takes lists of people, and answers with what a test wants."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.answer: Card | UserError = Card("1 person is new", tone=Tone.GOOD)

    def take(self, _context: Context, _person_id: int, name: str, content: bytes) -> Card:
        """Take a file."""
        if isinstance(self.answer, UserError):
            raise self.answer
        self.taken.append((name, content))
        return self.answer


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give what takes lists of people, in place of the real one."""
    found = Desk()
    monkeypatch.setattr("handlers.enrolment.take", found.take)
    return found


@pytest.fixture
def link(dispatcher: Dispatcher, desk: Desk) -> str:
    """Give a link for a list of people."""
    assert desk.taken == []
    return new_link(dispatcher)


def new_link(dispatcher: Dispatcher) -> str:
    card = dispatcher.run(Request(NICO, route="uploads.open", value="people"))
    assert isinstance(card, Card)
    [found] = card.actions
    assert isinstance(found, Link)
    return found.url


def sent(name: str = "people.csv", content: bytes = CSV) -> dict[str, tuple[str, bytes]]:
    return {"file": (name, content)}


async def test_the_page_takes_the_file_once_and_shows_what_came_of_it(
    client: httpx.AsyncClient, link: str, desk: Desk
) -> None:
    page = await client.get(link)

    first = await client.post(link, files=sent())
    again = await client.post(link, files=sent())

    assert re.search(r'<label for="file">.*</label>', page.text)
    assert "Send the file" in words(page.text)
    assert (first.status_code, "Done: 1 person is new" in words(first.text)) == (200, True)
    assert desk.taken == [("people.csv", CSV)]
    assert again.status_code == 410
    assert "used already" in words(again.text)


UNUSABLE = {
    "no file chosen": ("", b"", 422, "No file was chosen."),
    "another suffix": ("people.pdf", CSV, 422, "ends with .csv or .xlsx"),
    "empty": ("people.csv", b"", 422, "The file is empty."),
    "over the limit": ("people.csv", b"x" * 2_100_000, 413, "larger than 2 MB"),
    "a child's details": ("people.csv", CSV + b"Sam,999 787 7896\n", 422, "Row 3, agency of the file."),
}


@pytest.mark.parametrize(("name", "content", "status", "told"), UNUSABLE.values(), ids=UNUSABLE)
async def test_what_is_wrong_with_a_file_is_said_and_the_link_stays_good(
    client: httpx.AsyncClient, link: str, desk: Desk, name: str, content: bytes, status: int, told: str
) -> None:
    refused = await client.post(link, files=sent(name, content))

    assert refused.status_code == status
    assert told in words(refused.text)
    assert desk.taken == []
    assert (await client.post(link, files=sent())).status_code == 200


async def test_an_error_in_the_list_stands_beside_the_field(client: httpx.AsyncClient, link: str, desk: Desk) -> None:
    desk.answer = UserError("Row 2 has no agency.", hint="Fill it in and send the file again.")

    page = await client.post(link, files=sent())

    assert page.status_code == 422
    assert "<title>Error: Bring a list of people</title>" in page.text
    assert 'role="alert"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert "Row 2 has no agency. Fill it in" in " ".join(words(page.text).split())


async def test_what_a_browser_sends_without_end_is_not_kept(client: httpx.AsyncClient, link: str, desk: Desk) -> None:
    async def endless() -> object:
        for _ in range(400):
            yield b"x" * 100_000

    head = {"content-type": "multipart/form-data; boundary=x"}
    refused = await client.post(link, content=endless(), headers=head)  # type: ignore[arg-type]

    assert refused.status_code == 413
    assert desk.taken == []


MALFORMED = {
    "not a form": ("text/plain", b"hello"),
    "no boundary": ("multipart/form-data", b"hello"),
    "another boundary": ("multipart/form-data; boundary=a", b'--b\r\nContent-Disposition: form-data; name="file"'),
    "a type with a line end in it": ("multipart/form-data; boundary=\u00e9", b"hello"),
    "nothing": ("multipart/form-data; boundary=a", b""),
}


@pytest.mark.parametrize(("kind", "body"), MALFORMED.values(), ids=MALFORMED)
async def test_what_is_no_form_is_refused(client: httpx.AsyncClient, link: str, kind: str, body: bytes) -> None:
    refused = await client.post(link, content=body, headers={b"content-type": kind.encode()})

    assert refused.status_code == 422
    assert "No file was chosen." in words(refused.text)


async def test_a_folder_in_the_name_is_left_out(client: httpx.AsyncClient, link: str, desk: Desk) -> None:
    await client.post(link, files=sent("C:\\Users\\pat\\people.csv"))

    assert [name for name, _ in desk.taken] == ["people.csv"]


async def test_after_an_hour_the_link_is_gone(client: httpx.AsyncClient, link: str, desk: Desk, clock: Clock) -> None:
    clock.pass_(hours=1, seconds=1)

    assert (await client.get(link)).status_code == 410
    assert (await client.post(link, files=sent())).status_code == 410
    assert desk.taken == []


@pytest.mark.parametrize("token", ["x", "%3Cscript%3E", "0" * 5000, "%00"])
async def test_a_link_that_nobody_was_given_is_gone(client: httpx.AsyncClient, token: str) -> None:
    for page in (await client.get(f"/uploads/{token}"), await client.post(f"/uploads/{token}", files=sent())):
        assert page.status_code == 410
        assert "<script>" not in page.text


async def test_every_part_of_a_card_has_a_place_on_the_page_and_nothing_of_it_is_code(
    client: httpx.AsyncClient, link: str, desk: Desk
) -> None:
    evil = "<script>alert(1)</script>"
    desk.answer = Card(
        f"What changes {evil}",
        (
            Text(f"**Bold** {evil} [a link](https://elsewhere.example) [no link](javascript:alert)\n\n- one\n- two"),
            Heading("New"),
            Table(("Name", "Agency"), (("Pat", evil),), "and 3 more"),
            Facts((("Left", "1"),)),
            Note("Small print"),
            Image("https://elsewhere.example/x.png", "A picture"),
        ),
        (Button("Take these changes", "help.show"), Link("The list", "https://elsewhere.example/list")),
        Tone.WARNING,
    )

    page = await client.post(link, files=sent())

    assert "<script>" not in page.text
    assert "javascript:" not in re.sub(r"<p.*?</p>", "", page.text)
    assert '<th scope="col">Name</th>' in page.text
    shown = " ".join(words(page.text).split())
    for part in ("Please note:", "Bold", "one", "New", "and 3 more", "Left", "Small print", "A picture", "The list"):
        assert part in shown
    assert "There you can press: Take these changes" in shown


@given(content=st.binary(max_size=400).map(lambda some: b"name\n" + some))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_bytes_of_a_file_arrive_as_they_are(
    client: httpx.AsyncClient, dispatcher: Dispatcher, desk: Desk, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.uploads.pieces", lambda *_: [])
    desk.taken.clear()

    await client.post(new_link(dispatcher), files=sent(content=content))

    assert desk.taken == [("people.csv", content)]
