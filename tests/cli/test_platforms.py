"""`thscp manifest teams`: a file to upload, or what is missing for one."""

from __future__ import annotations

import json
import zipfile

from tests.cli.command import Command

CLIENT = "11111111-2222-4333-8444-555555555555"


def test_the_app_package_is_written_to_a_file(thscp: Command) -> None:
    done = thscp(
        "manifest", "teams", "--out", "app.zip", "--version", "1.2.3",
        teams_client_id=CLIENT, public_url="https://bot.example",
    )  # fmt: skip

    assert (done.code, done.err) == (0, "")
    with zipfile.ZipFile(thscp.folder / "app.zip") as archive:
        assert json.loads(archive.read("manifest.json"))["version"] == "1.2.3"


def test_without_a_client_id_it_says_where_to_find_it_and_writes_nothing(thscp: Command) -> None:
    done = thscp("manifest", "teams", "--out", "app.zip", public_url="https://bot.example")

    assert done.code == 1
    assert "error teams.no-client-id" in done.err
    assert "THSCP_TEAMS_CLIENT_ID" in done.err
    assert "Traceback" not in done.err
    assert list(thscp.folder.iterdir()) == []


def test_without_a_public_address_it_says_what_to_set(thscp: Command) -> None:
    done = thscp("manifest", "teams", "--out", "app.zip", teams_client_id=CLIENT)

    assert done.code == 1
    assert "error teams.no-address" in done.err
    assert "THSCP_PUBLIC_URL" in done.err


def test_half_the_credentials_keep_the_server_from_starting(thscp: Command) -> None:
    done = thscp("serve", "--port", "0", teams_client_id=CLIENT)

    assert done.code == 1
    assert "error teams.half-set" in done.err
    assert "THSCP_TEAMS_CLIENT_SECRET" in done.err
    assert CLIENT not in done.err
