"""The people of the proof: one or more for every way to stand to a record, all of them invented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from db import engine as database
from db import groups, people, registry
from db.people import Identity, Role
from tests.fakes import STRANGER, Bot
from tests.registers.rights_by_hand import Who

DELIVERY, LEARNING, EXECUTIVE = "Delivery Group", "Effective Learning Group", "Executive"


@dataclass(frozen=True, slots=True)
class Player:
    """One invented person: what they are, whatever the record, and in which group they sit, on which seat."""

    is_: frozenset[Who]
    roles: frozenset[Role]
    agency: str = ""
    group: str = ""
    seat: str = ""
    deputy: bool = False
    left: bool = False


def _player(who: Who, *roles: Role, agency: str = "Example Council", **more: str | bool) -> Player:
    return Player(frozenset({who, Who.MEMBER}), frozenset({Role.MEMBER, *roles}), agency, **more)  # type: ignore[arg-type]


_CHAIR, _PARTNER = Role.CHAIR, Role.STATUTORY_PARTNER
PLAYERS: Mapping[str, Player] = {
    "chair": _player(Who.MEMBER, _CHAIR, group=DELIVERY, seat="Chair"),
    "other-chair": _player(Who.MEMBER, _CHAIR, group=LEARNING, seat="Chair"),
    "member": _player(Who.MEMBER, group=DELIVERY),
    "other-member": _player(Who.MEMBER, agency="Example Trust", group=LEARNING),
    "coordinator": _player(Who.COORDINATOR, Role.COORDINATOR),
    "manager": _player(Who.STRATEGY_MANAGER, Role.STRATEGY_MANAGER),
    "scrutineer": _player(Who.SCRUTINEER, Role.SCRUTINEER, agency="Independent"),
    "council": _player(Who.PARTNER, _PARTNER, group=EXECUTIVE, seat="Local authority"),
    "health": _player(Who.PARTNER, _PARTNER, agency="Example ICB", group=EXECUTIVE, seat="Integrated care board"),
    "police": _player(Who.PARTNER, _PARTNER, agency="Example Police", group=EXECUTIVE, seat="Police"),
    "officer": Player(frozenset({Who.DATA_PROTECTION_OFFICER}), frozenset({Role.DATA_PROTECTION_OFFICER})),
    "admin": Player(frozenset({Who.ADMIN}), frozenset({Role.ADMIN})),
    "leaver": Player(frozenset({Who.LEAVER}), frozenset({Role.MEMBER, _CHAIR}), group=DELIVERY, left=True),
}  # fmt: skip
STRANGERS_NAME = "stranger"
CHAIRS = {"chair": DELIVERY, "other-chair": LEARNING}


class Cast:
    """Enrols everybody, and knows how each of them stands to a record."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.places: dict[str, Identity] = {STRANGERS_NAME: STRANGER}
        self.ids: dict[str, int] = {}
        on = bot.clock.now.date()
        with database.transaction(bot.engine) as session:
            for name, player in PLAYERS.items():
                place = Identity("test", name)
                number = people.enrol(
                    session, place, name=f"{name.title()} Invented", roles=player.roles, on=on, agency=player.agency
                )
                if player.group:
                    groups.join(session, number, player.group, on=on, seat=player.seat, deputy=player.deputy)
                if player.left:
                    registry.leave(session, number, on=on)
                self.places[name], self.ids[name] = place, number

    def standing(self, name: str, *, group: str, raised_by: int | None = None, owner: int | None = None) -> set[Who]:
        """Return everything that somebody is to a record of a group."""
        if name == STRANGERS_NAME:
            return {Who.STRANGER}
        stands = set(PLAYERS[name].is_)
        if PLAYERS[name].left:
            return stands
        if name in CHAIRS:
            stands.add(Who.GROUP_CHAIR if CHAIRS[name] == group else Who.OTHER_CHAIR)
        number = self.ids[name]
        return stands | ({Who.RAISER} if number == raised_by else set()) | ({Who.OWNER} if number == owner else set())

    def leaves(self, name: str) -> None:
        """Let somebody leave the partnership today."""
        with database.transaction(self.bot.engine) as session:
            registry.leave(session, self.ids[name], on=self.bot.clock.now.date())
