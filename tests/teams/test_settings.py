"""The settings of Microsoft Teams: what switches it on, what stops the start, and what the doctor says."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.findings import Finding, Level, StartupError, examine, settings_or_error
from bot.settings import Settings

CLIENT, HOME, PARTNER = (f"{digit * 8}-2222-4333-8444-555555555555" for digit in "1ab")
WHOLE: dict[str, Any] = {"teams_client_id": CLIENT, "teams_client_secret": "invented", "teams_tenant_ids": HOME}


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # there is no .env
    for name in (*Settings.model_fields, "public_url"):
        monkeypatch.delenv(f"THSCP_{name}".upper(), raising=False)
    monkeypatch.setenv("THSCP_DATABASE_URL", "sqlite://")


def of_teams(**given: Any) -> list[Finding]:
    found = examine(Settings(_env_file=None, database_url="sqlite://", **given), date(2026, 11, 21), thorough=False)
    return [finding for finding in found if finding.id.startswith("teams.")]


def test_without_credentials_it_is_off_and_the_doctor_says_so() -> None:
    [told] = of_teams()

    assert (told.id, told.level) == ("teams.off", Level.WARNING)
    assert "teams" not in Settings(_env_file=None).reached


def test_with_all_three_it_is_on_and_nothing_is_missing() -> None:
    assert of_teams(**WHOLE, public_url="https://bot.example") == []
    assert "teams" in Settings(_env_file=None, **WHOLE).reached


HALVES = {
    "the id alone": ["teams_client_id"],
    "the secret alone": ["teams_client_secret"],
    "the tenants alone": ["teams_tenant_ids"],
    "no secret": ["teams_client_id", "teams_tenant_ids"],
    "no tenants": ["teams_client_id", "teams_client_secret"],
    "no id": ["teams_client_secret", "teams_tenant_ids"],
}


@pytest.mark.parametrize("given", HALVES.values(), ids=HALVES)
def test_credentials_that_are_half_set_stop_the_start_and_name_what_is_missing(given: list[str]) -> None:
    half = {name: WHOLE[name] for name in given}

    [told] = of_teams(**half)

    assert (told.id, told.level) == ("teams.half-set", Level.ERROR)
    assert [name for name in WHOLE if f"THSCP_{name}".upper() in told.message] == [
        name for name in WHOLE if name not in given
    ]
    assert told.hint
    assert not any(value in str(told) for value in WHOLE.values())
    assert "teams" not in Settings(_env_file=None, **half).reached


def test_empty_lines_of_a_settings_file_are_nothing_set() -> None:
    [told] = of_teams(**dict.fromkeys(WHOLE, ""))

    assert told.id == "teams.off"


@pytest.mark.parametrize("address", ["", "http://bot.example"])
def test_an_address_at_which_teams_cannot_reach_it_is_a_warning(address: str) -> None:
    [told] = of_teams(**WHOLE, public_url=address)

    assert (told.id, told.level) == ("teams.no-address", Level.WARNING)


def test_tenants_keep_their_order_so_that_the_first_stays_that_of_the_registration() -> None:
    given: dict[str, Any] = {"teams_tenant_ids": f" {PARTNER.upper()}, {HOME},,{PARTNER} "}

    found = Settings(_env_file=None, **given)

    assert found.teams_tenant_ids == (PARTNER, HOME)


@pytest.mark.parametrize("name", ["TEAMS_CLIENT_ID", "TEAMS_TENANT_IDS"])
def test_an_id_that_is_none_is_refused_without_repeating_it(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"THSCP_{name}", "council.example")

    with pytest.raises(StartupError) as error:
        settings_or_error()

    assert f"THSCP_{name}" in str(error.value)
    assert "council.example" not in str(error.value)


def test_what_reads_more_or_is_not_everywhere_yet_is_off_until_it_is_switched_on() -> None:
    found = Settings(_env_file=None, **WHOLE)

    assert (found.teams_history, found.teams_slash) == (False, False)
    assert (found.teams_pace, found.teams_per_second) == (1.0, 20.0)


def test_the_secret_is_not_shown() -> None:
    assert "invented" not in repr(Settings(_env_file=None, **WHOLE))
