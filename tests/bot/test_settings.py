"""Settings: what is refused, and what the doctor says of what is only doubtful."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.findings import StartupError, examine, settings_or_error
from bot.settings import PLATFORMS

TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # there is no .env
    for name in ("SECRETARIAT", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"):
        monkeypatch.delenv(f"THSCP_{name}", raising=False)
    monkeypatch.setenv("THSCP_DATABASE_URL", "sqlite://")


def unreachable() -> list[str]:
    """Return what the doctor says of platforms on which nobody can be reached."""
    found = examine(settings_or_error(), TODAY, thorough=False)
    return [finding.message for finding in found if finding.id == "people.unreachable"]


def test_a_secretariat_on_a_platform_that_there_is_not_is_refused_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("THSCP_SECRETARIAT", "slack:U1,slak:U2")

    with pytest.raises(StartupError) as error:
        settings_or_error()

    assert "THSCP_SECRETARIAT" in str(error.value)
    assert all(platform in str(error.value) for platform in PLATFORMS)
    assert "slak:" not in str(error.value)
    assert "U2" not in str(error.value)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_secretariat_on_a_platform_without_credentials_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    monkeypatch.setenv("THSCP_SECRETARIAT", f"{platform}:one,{platform}:two")

    [told] = unreachable()

    assert f"on {platform}," in told
    assert "one" not in told.split()


def test_a_secretariat_on_a_platform_with_credentials_is_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THSCP_SECRETARIAT", "slack:U1")
    monkeypatch.setenv("THSCP_SLACK_BOT_TOKEN", "xoxb-1")

    assert unreachable() == []
