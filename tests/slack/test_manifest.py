"""The app manifest, and what docs/slack.md says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from bot.slack.manifest import EVENTS, SCOPES, manifest
from handlers.routes import ROUTES
from handlers.routing import EVERYONE, Kind

Settle = Callable[..., Settings]
DOCUMENT = (Path(__file__).parents[2] / "docs" / "slack.md").read_text(encoding="utf-8")


def over_http(settings: Settle) -> dict[str, Any]:
    return manifest(ROUTES, settings(public_url="https://bot.example/"))


def test_every_address_is_the_public_one(settings: Settle) -> None:
    found = over_http(settings)

    addresses = {
        found["features"]["slash_commands"][0]["url"],
        found["settings"]["event_subscriptions"]["request_url"],
        found["settings"]["interactivity"]["request_url"],
    }
    assert addresses == {"https://bot.example/slack/events"}
    assert found["settings"]["socket_mode_enabled"] is False


BY_SOCKET: dict[str, dict[str, str]] = {
    "no public address": {},
    "an app token": {"slack_app_token": "xapp-invented", "public_url": "https://bot.example"},
}


@pytest.mark.parametrize("changed", BY_SOCKET.values(), ids=BY_SOCKET)
def test_socket_mode_names_no_address(settings: Settle, changed: dict[str, str]) -> None:
    found = manifest(ROUTES, settings(**changed))

    assert found["settings"]["socket_mode_enabled"] is True
    assert "http" not in str(found)


def test_the_hint_of_the_command_is_what_everyone_may_type(settings: Settle) -> None:
    [command] = over_http(settings)["features"]["slash_commands"]

    verbs = {route.name for route in ROUTES.values() if route.kind is Kind.VERB and route.roles == EVERYONE}
    assert set(command["usage_hint"].split(" | ")) == verbs - {"ask"} | {"your question"}
    assert command["command"] == "/thscp"


def test_another_partnership_has_its_own_command_and_name(settings: Settle) -> None:
    found = manifest(ROUTES, settings(command="/elsewhere", partnership="Elsewhere Partnership"))

    assert found["features"]["slash_commands"][0]["command"] == "/elsewhere"
    assert "Elsewhere Partnership" in found["display_information"]["description"]


def test_it_asks_for_the_scopes_that_have_a_reason_and_no_other(settings: Settle) -> None:
    found = over_http(settings)

    assert found["oauth_config"]["scopes"] == {"bot": sorted(SCOPES)}
    assert found["settings"]["event_subscriptions"]["bot_events"] == sorted(EVENTS)


def test_without_looking_it_asks_for_no_history_of_channels(settings: Settle) -> None:
    found = manifest(ROUTES, settings(slack_history=False))

    left_out = set(SCOPES) - set(found["oauth_config"]["scopes"]["bot"])
    assert left_out == {"channels:history", "groups:history", "im:write"}


LONGEST = {
    ("display_information", "name"): 35,
    ("display_information", "description"): 140,
    ("features", "bot_user", "display_name"): 80,
    ("features", "agent_view", "agent_description"): 300,
}


@pytest.mark.parametrize("path", LONGEST, ids=".".join)
def test_texts_fit_also_for_a_partnership_with_a_long_name(settings: Settle, path: tuple[str, ...]) -> None:
    value: Any = manifest(ROUTES, settings(partnership="A Partnership with a long name " * 20))
    for name in path:
        value = value[name]

    assert 0 < len(value) <= LONGEST[path]


@pytest.mark.parametrize("reasons", [SCOPES, EVENTS], ids=["scopes", "events"])
def test_the_document_gives_every_reason_in_the_same_words(reasons: Mapping[str, str]) -> None:
    missing = [name for name, reason in reasons.items() if f"| `{name}` | {reason} |" not in DOCUMENT]

    assert missing == []


def test_the_document_names_no_scope_that_is_not_asked_for() -> None:
    table = DOCUMENT.partition("| Scope | Why |")[2].partition("\n\n")[0]

    assert {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")} == set(SCOPES)
