"""The app package: what Microsoft's own schema says of it, what it asks for, and what docs/teams.md says of that."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from sqlalchemy import Engine

from bot.findings import StartupError
from bot.settings import Settings
from bot.teams import icons
from bot.teams.manifest import HISTORY, MENU, OFFERED, PATH, SCHEMA, app_id, manifest, package
from db.people import Role
from handlers.context import House, Knowledge, Request
from handlers.messages import Button, Card, Form
from handlers.routes import ROUTES
from handlers.routing import EVERYONE, Kind
from tests.fakes import Bot, Clock, talking

HERE = Path(__file__).parent
CLIENT, OTHER = "11111111-2222-4333-8444-555555555555", "66666666-7777-4888-9999-000000000000"
DOCUMENT = (HERE.parents[1] / "docs" / "teams.md").read_text(encoding="utf-8")


def microsofts_schema() -> dict[str, Any]:
    [path] = (HERE / "schema").glob("*.schema.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


VALIDATOR = Draft4Validator(microsofts_schema())


def settings(**changed: Any) -> Settings:
    plain = {"teams_client_id": CLIENT, "public_url": "https://bot.example/"}
    return Settings(_env_file=None, **plain | changed)


def made(**changed: Any) -> dict[str, Any]:
    return manifest(ROUTES, settings(**changed))


LONG = "A Partnership with a long name " * 20
WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "history": {"teams_history": True},
    "slash commands": {"teams_slash": True},
    "everything": {"teams_history": True, "teams_slash": True},
    "a long name": {"partnership": LONG},
    "a name of one long word": {"partnership": "Elsewhere" * 60},
    "a port and a path": {"public_url": "https://bot.example:8443/assistant/"},
}

every_way = pytest.mark.parametrize("changed", WAYS.values(), ids=WAYS)


@every_way
def test_microsofts_schema_finds_nothing_wrong(changed: dict[str, Any]) -> None:
    wrong = [f"{'.'.join(map(str, error.path))}: {error.message}" for error in VALIDATOR.iter_errors(made(**changed))]

    assert wrong == []


def test_microsofts_schema_is_of_the_version_that_the_manifest_names() -> None:
    found = made()

    assert found["manifestVersion"] == SCHEMA == VALIDATOR.schema["properties"]["manifestVersion"]["const"]
    assert f"/v{SCHEMA}/" in found["$schema"]


BROKEN: dict[str, dict[str, Any]] = {
    "a long name": {"name": {"short": "x" * 31}},
    "a property that there is not": {"colour": "#ffffff"},
    "an id that is none": {"id": "one"},
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_the_schema_would_notice(broken: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(made() | broken)


@every_way
def test_the_package_holds_three_files_at_its_root(changed: dict[str, Any]) -> None:
    with zipfile.ZipFile(io.BytesIO(package(ROUTES, settings(**changed)))) as archive:
        assert sorted(archive.namelist()) == ["color.png", "manifest.json", "outline.png"]
        assert archive.testzip() is None
        assert json.loads(archive.read("manifest.json")) == made(**changed)


def test_equal_settings_give_equal_files() -> None:
    assert package(ROUTES, settings()) == package(ROUTES, settings())


def test_another_package_of_one_registration_replaces_the_app_and_that_of_another_does_not() -> None:
    assert made()["id"] == made(teams_history=True, public_url="https://other.example")["id"] == app_id(CLIENT)
    assert made(teams_client_id=OTHER)["id"] not in {made()["id"], OTHER}


def test_the_bot_and_what_it_offers_are_known_by_the_client_id() -> None:
    found = made()

    assert found["bots"][0]["botId"] == found["composeExtensions"][0]["botId"] == CLIENT


def commands(found: Mapping[str, Any]) -> list[dict[str, str]]:
    return [command for group in found["bots"][0]["commandLists"] for command in group["commands"]]


@every_way
def test_the_menu_fits_what_teams_shows(changed: dict[str, Any]) -> None:
    for group in made(**changed)["bots"][0]["commandLists"]:
        assert 0 < len(group["commands"]) <= 10

    for command in commands(made(**changed)):
        assert len(command["title"]) <= 32
        assert 0 < len(command["description"]) <= 128


@pytest.mark.parametrize("verb", MENU)
def test_the_menu_names_what_everybody_may_type_in_the_words_of_the_help(verb: str) -> None:
    assert ROUTES[verb].kind is Kind.VERB
    assert ROUTES[verb].roles == EVERYONE
    assert {"title": verb, "description": ROUTES[verb].help} in commands(made())


@pytest.mark.parametrize("route", OFFERED)
def test_what_is_offered_in_the_box_for_writing_exists_and_is_open_to_everyone(route: str) -> None:
    assert ROUTES[route].kind in {Kind.VERB, Kind.BUTTON}
    assert ROUTES[route].roles == EVERYONE
    assert len(OFFERED[route].title) <= 32
    assert len(OFFERED[route].description) <= 128


@pytest.mark.parametrize("route", OFFERED)
def test_what_is_offered_opens_a_form_at_once_or_asks_which_one(
    sqlite_engine: Engine, knowledge: Knowledge, house: House, clock: Clock, route: str
) -> None:
    with talking(Bot(sqlite_engine, knowledge, house, clock)) as bot:
        member = bot.enrol(Role.MEMBER)
        typed = ROUTES[route].kind is Kind.VERB

        reply = bot.does(Request(member, route) if typed else Request(member, route=route))

    assert isinstance(reply, Form | Card)
    if isinstance(reply, Card):
        assert any(isinstance(action, Button) and action.opens for action in reply.actions)


@every_way
def test_nothing_is_offered_on_what_somebody_else_wrote(changed: dict[str, Any]) -> None:
    for offered in made(**changed)["composeExtensions"][0]["commands"]:
        assert offered["type"] == "action"
        assert offered["fetchTask"] is True
        assert "message" not in offered["context"]


def test_no_message_of_others_is_asked_for_unless_the_operator_says_so() -> None:
    found = made()

    assert "Read" not in json.dumps(found.get("authorization", ""))
    assert "webApplicationInfo" not in found
    assert found["bots"][0]["supportsFiles"] is False


def test_the_history_permission_is_asked_for_alone_and_explained_to_whoever_installs_it() -> None:
    found = made(teams_history=True)

    asked = found["authorization"]["permissions"]["resourceSpecific"]
    assert asked == [{"name": HISTORY, "type": "Application"}]
    assert found["webApplicationInfo"]["id"] == CLIENT
    assert "every message of the channels" in found["description"]["full"]
    assert "every message of the channels" not in made()["description"]["full"]


def test_slash_commands_are_offered_where_others_read_along_and_only_when_the_operator_says_so() -> None:
    assert "supportsTargetedMessages" not in str(made())
    assert "slash" not in str(made())

    bot = made(teams_slash=True)["bots"][0]
    assert bot["supportsTargetedMessages"] is True
    slashed = {scope for group in bot["commandLists"] if "slash" in group["triggers"] for scope in group["scopes"]}
    assert slashed == {"team", "groupChat"}


def test_every_address_is_the_public_one_or_the_page_of_the_partnership() -> None:
    found = made(public_url="https://bot.example:8443/assistant/")
    told = manifest(ROUTES, settings(), about="https://partnership.example/about-it")

    assert found["validDomains"] == ["bot.example"]
    assert set(found["developer"].values()) - {found["developer"]["name"]} == {"https://bot.example:8443/assistant"}
    assert told["developer"]["privacyUrl"] == "https://partnership.example/about-it"
    assert told["validDomains"] == ["bot.example"]


REFUSED: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "no client id": ({"teams_client_id": ""}, {}, "teams.no-client-id"),
    "no public address": ({"public_url": ""}, {}, "teams.no-address"),
    "an address without TLS": ({"public_url": "http://bot.example"}, {}, "teams.no-address"),
    "an address without a host": ({"public_url": "https://"}, {}, "teams.no-address"),
    "a version in words": ({}, {"version": "next"}, "teams.version"),
    "a version of two numbers": ({}, {"version": "1.1"}, "teams.version"),
    "a version before the first": ({}, {"version": "0.1.0"}, "teams.version"),
    "a page without TLS": ({}, {"about": "http://partnership.example"}, "teams.about"),
}


@pytest.mark.parametrize(("changed", "options", "id_"), REFUSED.values(), ids=REFUSED)
def test_what_is_missing_is_named_with_what_to_do(changed: dict[str, Any], options: dict[str, str], id_: str) -> None:
    with pytest.raises(StartupError) as error:
        package(ROUTES, settings(**changed), **options)

    assert error.value.finding.id == id_
    assert error.value.finding.hint


def pixels(data: bytes) -> tuple[int, int, list[bytes]]:
    """Read one of our own pictures: width, bytes for each pixel, and its rows."""
    width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
    assert (width, depth) == (height, 8)
    each = {2: 3, 6: 4}[kind]
    at, body = data.index(b"IDAT"), data
    [length] = struct.unpack(">I", body[at - 4 : at])
    raw = zlib.decompress(body[at + 4 : at + 4 + length])
    step = 1 + width * each
    return width, each, [raw[row * step + 1 : (row + 1) * step] for row in range(height)]


def test_the_icon_in_colour_is_192_pixels_wide_and_keeps_away_from_its_edges() -> None:
    width, each, rows = pixels(icons.color())

    assert (width, each) == (192, 3)
    navy = rows[0][:3]
    edge = [row[column * 3 : column * 3 + 3] for row in rows for column in (*range(36), *range(156, 192))]
    assert set(edge) == {navy}
    assert b"\xff\xff\xff" in {rows[96][column * 3 : column * 3 + 3] for column in range(192)}


def test_the_outline_is_32_pixels_wide_and_white_or_transparent() -> None:
    width, each, rows = pixels(icons.outline())

    assert (width, each) == (32, 4)
    dots = [row[column * 4 : column * 4 + 4] for row in rows for column in range(32)]
    assert {dot[:3] for dot in dots} == {b"\xff\xff\xff"}
    assert {dot[3] for dot in dots} >= {0, 255}


def test_the_document_names_the_path_and_everything_that_is_offered() -> None:
    missing = [word for word in (PATH, HISTORY, *(offer.title for offer in OFFERED.values())) if word not in DOCUMENT]

    assert missing == []
    assert [verb for verb in MENU if f"`{verb}`" not in DOCUMENT] == []
