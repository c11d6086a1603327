"""Who is believed at the door of Teams, and what is answered to what nobody expects: never an error of ours."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as example_settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from bot.findings import StartupError
from bot.settings import Settings
from bot.teams.adapter import Teams, build
from db.chats import ChatRow
from db.questions import Question
from tests.fakes import Bot, Clock
from tests.teams.fake_microsoft import HOME, KEYS, LOGIN, PARTNER, FakeMicrosoft
from tests.teams.office import PAYLOADS, Office

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
DEEP = "[" * 100_000


# --- who is believed -------------------------------------------------------------------------------------------


async def test_what_teams_signed_is_answered(
    office: Office, microsoft: FakeMicrosoft, settled: Callable[[], Any]
) -> None:
    answered = await office.says("neglect")
    await settled()

    assert (answered.status_code, answered.content) == (200, b"")
    assert len(microsoft.posted()) == 1


WRONG: dict[str, Json] = {
    "by another key with the same id": {"key": "another-key", "kid": "first-key"},
    "for another bot": {"aud": PARTNER},
    "for nobody": {"aud": None},
    "by another issuer": {"iss": "https://issuer.example"},
    "by no issuer": {"iss": None},
    "for another connector": {"serviceurl": "https://connector.example/"},
    "for no connector": {"serviceurl": None},
    "for a connector that is none": {"serviceurl": 7},
    "long ago": {"exp": 1_700_000_000, "nbf": 1_600_000_000, "iat": 1_600_000_000},
    "not yet": {"nbf": 4_000_000_000},
    "by nobody": {"algorithm": "none"},
    "with a password": {"algorithm": "HS256"},
    "by a tenant": {"iss": f"https://sts.windows.net/{HOME}/", "tid": HOME},
    "by a tenant as of late": {"iss": f"https://login.microsoftonline.com/{HOME}/v2.0", "tid": HOME},
}


@pytest.mark.parametrize("said", WRONG.values(), ids=WRONG)
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_what_somebody_else_signed_is_refused_and_nothing_is_fetched_for_it(
    office: Office, microsoft: FakeMicrosoft, sqlite_bot: Bot, said: Json
) -> None:
    answered = await office.does(office.personal("personal-message", text="neglect"), **said)

    assert answered.status_code == 401
    assert (microsoft.asked(KEYS), microsoft.asked(LOGIN), sqlite_bot.queued()) == (1, 1, [])


HEADERS = {
    "nothing": "", "no token": "Bearer ", "no word": "abc", "three words": "Bearer a.b.c", "a password": "Basic YTpi",
    "a header that is deep": f"Bearer {'W1tb' * 10_000}.e30.e30",
}  # fmt: skip


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
async def test_without_a_token_nobody_is_believed(office: Office, header: str) -> None:
    answered = await office.posts(json.dumps(office.personal("personal-message")), authorization=header)

    assert answered.status_code == 401


@pytest.mark.parametrize("told", ["1", "true"])
async def test_the_environment_cannot_switch_the_check_off(
    sqlite_bot: Bot, settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, told: str,
    microsoft: FakeMicrosoft,
) -> None:  # fmt: skip
    monkeypatch.setenv("DANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS", told)
    monkeypatch.setenv("CLIENT_SECRET", "another")
    monkeypatch.setenv("CLOUD", "USGov")
    adapter = build(sqlite_bot.dispatcher, settings(), steady=lambda: 0.0)
    await adapter.start()
    async with _at(adapter, microsoft) as office:
        refused = await office.posts(json.dumps(office.personal("personal-message")))
        answered = await office.says("neglect")
    await adapter.stop()

    assert (refused.status_code, answered.status_code) == (401, 200)


@pytest.mark.parametrize(
    "changed",
    [
        {"tenant": PARTNER},
        {"channelId": "webchat"},
        {"channelId": "directline"},
        {"channelData": {}},
        {"from": {"id": "29:guest", "aadObjectId": "dddddddd-0000-4000-8000-000000000000", "tenantId": PARTNER}},
    ],
    ids=["another tenant", "the web chat", "a direct line", "no tenant", "a person of another tenant"],
)
async def test_another_tenant_or_channel_is_not_heard_and_leaves_nothing(
    office: Office, sqlite_bot: Bot, changed: Json
) -> None:
    activity = office.activity("personal-message", text="neglect", **changed)

    answered = await office.does(activity)

    assert (answered.status_code, answered.content) == (200, b"")
    assert (sqlite_bot.queued(), sqlite_bot.counted(Question), sqlite_bot.screenings()) == ([], 0, [])


async def test_a_partner_on_the_list_is_heard(
    sqlite_bot: Bot, settings: Callable[..., Settings], microsoft: FakeMicrosoft
) -> None:
    adapter = build(sqlite_bot.dispatcher, settings(teams_tenant_ids=f"{HOME},{PARTNER}"), steady=lambda: 0.0)
    await adapter.start()
    async with _at(adapter, microsoft) as office:
        await office.does(office.activity("personal-message", tenant=PARTNER.upper(), text="neglect"))
    await adapter.stop()

    assert len(sqlite_bot.queued()) == 1


# --- keys ------------------------------------------------------------------------------------------------------


async def test_a_new_key_is_fetched_once(office: Office, microsoft: FakeMicrosoft, clock: Clock) -> None:
    clock.pass_(minutes=2)
    microsoft.signs_with("second-key")

    answers = await asyncio.gather(*(office.says("neglect") for _ in range(3)))

    assert ([one.status_code for one in answers], microsoft.asked(KEYS)) == ([200] * 3, 2)


async def test_keys_that_nobody_knows_are_looked_for_once_a_minute(
    office: Office, microsoft: FakeMicrosoft, clock: Clock
) -> None:
    statuses = []
    for seconds in (61, 20, 20, 21):
        clock.pass_(seconds=seconds)
        answered = await office.does(office.personal("personal-message"), key="another-key", kid=f"after-{seconds}")
        statuses.append(answered.status_code)

    assert (statuses, microsoft.asked(KEYS)) == ([401] * 4, 1 + 2)


async def test_keys_are_fetched_again_within_a_day_and_an_old_one_is_not_believed_for_ever(
    office: Office, microsoft: FakeMicrosoft, clock: Clock
) -> None:
    old = office.personal("personal-message", text="neglect")
    clock.pass_(hours=2)
    microsoft.signs_with("second-key")
    while_fetching = await office.does(old, key="first-key")
    known = await office.does(old, key="second-key")
    gone = await office.does(old, key="first-key")

    assert [one.status_code for one in (while_fetching, known, gone)] == [200, 200, 401]


async def test_a_key_server_that_hangs_holds_up_nobody_whose_key_is_known(
    office: Office, microsoft: FakeMicrosoft, clock: Clock
) -> None:
    clock.pass_(hours=2)
    microsoft.hangs(KEYS)
    unknown = asyncio.create_task(office.does(office.personal("personal-message"), key="another-key"))
    await asyncio.sleep(0.05)

    async with asyncio.timeout(5):
        answers = [await office.says("neglect") for _ in range(3)]
    waits = not unknown.done()
    microsoft.releases()

    assert [one.status_code for one in answers] == [200] * 3
    assert waits
    assert (await unknown).status_code == 401


async def test_a_key_of_another_channel_is_not_one_of_teams(
    sqlite_bot: Bot, settings: Callable[..., Settings], microsoft: FakeMicrosoft
) -> None:
    microsoft.endorsements = ["webchat"]
    adapter = build(sqlite_bot.dispatcher, settings(), steady=lambda: 0.0)
    try:
        await adapter.start()
    except StartupError as error:
        told = error
    await adapter.stop()

    assert told.finding.id == "teams.unreachable"


# --- starting --------------------------------------------------------------------------------------------------

STARTS: dict[str, tuple[Callable[[FakeMicrosoft], None], Json, str]] = {
    "a wrong secret": (lambda _: None, {"teams_client_secret": "wrong"}, "teams.secret"),
    "a login that says no": (lambda microsoft: microsoft.refuses(LOGIN, 400), {}, "teams.secret"),
    "a broken login": (lambda microsoft: microsoft.refuses(LOGIN, 503), {}, "teams.unreachable"),
    "a login that is cut off": (lambda microsoft: microsoft.drops(LOGIN), {}, "teams.unreachable"),
    "a login that hangs": (lambda microsoft: microsoft.hangs(LOGIN), {}, "teams.unreachable"),
    "broken keys": (lambda microsoft: microsoft.refuses(KEYS, 500), {}, "teams.unreachable"),
    "keys that are none": (lambda _: None, {"teams_keys_url": "{url}/nothing"}, "teams.unreachable"),
    "nobody there": (lambda _: None, {"teams_login_url": "http://127.0.0.1:9"}, "teams.unreachable"),
}


@pytest.mark.parametrize(("goes_wrong", "changed", "code"), STARTS.values(), ids=STARTS)
async def test_what_stops_the_start_says_what_to_do(
    sqlite_bot: Bot, settings: Callable[..., Settings], microsoft: FakeMicrosoft,
    goes_wrong: Callable[[FakeMicrosoft], None], changed: Json, code: str,
) -> None:  # fmt: skip
    goes_wrong(microsoft)
    given = {name: value.replace("{url}", microsoft.url) for name, value in changed.items()}
    adapter = build(sqlite_bot.dispatcher, settings(**given), steady=lambda: 0.0, timeout=4.0)

    with pytest.raises(StartupError) as raised:
        await adapter.start()

    assert (raised.value.finding.id, bool(raised.value.finding.hint)) == (code, True)
    assert "wrong" not in repr(raised.value.__cause__)


def test_importing_it_reads_no_env_of_a_parent_folder(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CLIENT_SECRET=from-a-file\nTHSCP_FROM_A_FILE=1\n")
    below = tmp_path / "below"
    below.mkdir()
    code = "import os, bot.teams.sdk; print([n for n in os.environ if n in ('CLIENT_SECRET', 'THSCP_FROM_A_FILE')])"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=below, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip

    assert told.stdout.strip() == "[]"


# --- what nobody expects ---------------------------------------------------------------------------------------

BODIES: dict[str, tuple[str | bytes, int]] = {
    "nothing": ("", 400),
    "no JSON": ("{", 400),
    "bytes": (b"\xff\xfe\x00", 400),
    "a list": ("[]", 400),
    "a text": ('"hello"', 400),
    "a number": ("7", 400),
    "a number without end": ("9" * 10_000, 400),
    "nothing in it": ("{}", 400),
    "a deep list": (DEEP, 400),
    "too much": (json.dumps({"text": "x" * 257_000}), 413),
}


@pytest.mark.parametrize(("body", "status"), BODIES.values(), ids=BODIES)
async def test_a_body_that_is_no_activity_is_refused(office: Office, body: str | bytes, status: int) -> None:
    signed = f"Bearer {office.signature()}"

    assert (await office.posts(body, authorization=signed)).status_code == status


async def test_a_body_that_does_not_say_how_long_it_is_is_still_bounded(office: Office) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(300):
            yield b"x" * 1000

    assert (await office.posts(endless(), authorization="")).status_code == 413


IGNORED = (
    "typing", "event", "end-of-conversation", "reaction", "message-update", "message-delete", "channel-created",
    "members-removed",
)  # fmt: skip


@pytest.mark.parametrize("name", IGNORED)
async def test_what_is_not_for_the_bot_is_answered_and_changes_nothing(
    office: Office, sqlite_bot: Bot, microsoft: FakeMicrosoft, settled: Callable[[], Any], name: str
) -> None:
    answered = await office.does(office.activity(name))
    await settled()

    assert (answered.status_code, answered.content) == (200, b"")
    assert (sqlite_bot.queued(), sqlite_bot.counted(Question), microsoft.places()) == ([], 0, [])


ODD: dict[str, tuple[Json, int]] = {
    "an unknown type": ({"type": "suggestion"}, 200),
    "an unknown question": ({"type": "invoke", "name": "composeExtension/query"}, 501),
    "a question without a name": ({"type": "invoke", "name": ""}, 501),
    "an unknown event": ({"type": "event", "name": "application/vnd.microsoft.unheard"}, 200),
    "a command": ({"type": "command", "name": "application/x"}, 200),
    "nobody": ({"from": {}}, 200),
    "a person who is a list": ({"from": []}, 400),
    "no conversation": ({"conversation": {}}, 200),
    "a conversation that is a text": ({"conversation": "a:one"}, 400),
    "a conversation with a number": ({"conversation": {"id": 7}}, 400),
    "no connector": ({"serviceUrl": ""}, 400),
    "a type that is a number": ({"type": 7}, 400),
    "a text that is a number": ({"text": 7}, 400),
    "mentions that are none": ({"entities": {"type": "mention"}}, 200),
    "members that are none": ({"type": "conversationUpdate", "membersAdded": 7, "membersRemoved": {"id": 1}}, 200),
    "an installation of another kind": ({"type": "installationUpdate", "action": "add-upgrade"}, 200),
    "a button that is a list": ({"type": "invoke", "name": "adaptiveCard/action", "value": []}, 200),
    "a form that is a number": ({"type": "invoke", "name": "task/submit", "value": {"data": {"form": 7}}}, 200),
    "half of a character": ({"text": "\ud800"}, 200),
    "half of a character in a form": (
        {"type": "invoke", "name": "task/submit", "value": {"data": {"do": "\udfff", "value": "\ud800"}}}, 200,
    ),
    "a zero": ({"text": "\x00"}, 200),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "status"), ODD.values(), ids=ODD)
async def test_an_odd_activity_is_no_error_of_ours(office: Office, changed: Json, status: int) -> None:
    answered = await office.does(office.personal("personal-message") | changed, serviceurl=office.service_url)

    assert answered.status_code == status


_ODDITIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
_NAMES = st.sampled_from([
    "type", "name", "from", "conversation", "recipient", "channelData", "value", "entities", "text", "action", "id",
    "membersAdded", "membersRemoved", "replyToId", "serviceUrl",
])  # fmt: skip


async def test_whatever_stands_in_an_activity_it_is_no_error_of_ours(office: Office) -> None:
    loop = asyncio.get_running_loop()
    names = sorted(path.stem for path in PAYLOADS.glob("*.json"))

    @example_settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(names), st.dictionaries(_NAMES, _ODDITIES, max_size=3), _ODDITIES, _NAMES)
    def sends(name: str, changed: Json, inside: Any, where: str) -> None:
        activity = office.personal(name) | changed
        if isinstance(activity.get(where), dict):
            activity[where] = activity[where] | dict.fromkeys(list(activity[where])[:2], inside)
        body = json.dumps(activity)
        signed = office.signature(activity.get("serviceUrl"))
        posted = asyncio.run_coroutine_threadsafe(office.posts(body, authorization=f"Bearer {signed}"), loop)
        assert posted.result(30).status_code in (200, 400, 401, 501)

    await asyncio.to_thread(sends)


async def test_a_person_whom_entra_does_not_number_keeps_the_id_that_teams_gave_them(
    office: Office, sqlite_bot: Bot
) -> None:
    guest = {"id": "29:AbC-dEf", "name": "Guest Invented"}
    await office.does(office.personal("personal-message", text="neglect") | {"from": guest})

    with sqlite_bot.engine.connect() as connection:
        [row] = connection.execute(ChatRow.__table__.select()).all()
    assert row.person == "29:AbC-dEf"


class _at:  # noqa: N801 - it reads as a word
    """People at an adapter of their own: `async with _at(adapter, microsoft) as office`."""

    def __init__(self, adapter: Teams, microsoft: FakeMicrosoft) -> None:
        transport = httpx.ASGITransport(Starlette(routes=adapter.routes))
        self._http = httpx.AsyncClient(transport=transport, base_url="http://bot.example")
        self._office = Office(self._http, microsoft)

    async def __aenter__(self) -> Office:
        return self._office

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()
