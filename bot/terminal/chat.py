"""A conversation in the terminal: typed words, numbered buttons, forms asked field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from bot.dispatcher import Dispatcher
from bot.terminal.render import box, wrapped
from db.people import Identity, Role, enrol
from handlers.context import Context, Request, UserError
from handlers.messages import Button, Card, Errors, Form, Link, Reply

_ROLES = {"practitioner": Role.MEMBER, **{role.value.replace(" ", "-"): role for role in Role}}


class Chat:
    """One person's conversation. It lives as long as the command and remembers the buttons on the screen."""

    def __init__(self, dispatcher: Dispatcher, role: str, say: Callable[[str], None]) -> None:
        self._dispatcher = dispatcher
        self._say = say
        self._identity = Identity("terminal", "you")
        self._actions: list[Button | Link] = []
        if role != "stranger":
            self._enrol(role)

    def run(self, lines: Iterable[str]) -> None:
        """Read lines until they end or one says `bye`."""
        typed = iter(lines)
        self._show(self._send(Request(self._identity, "home")), typed)
        for line in typed:
            words = line.strip()
            if words.lower() in ("bye", "exit", "quit"):
                break
            self._show(self._asked(words), typed)

    def _enrol(self, role: str) -> None:
        if role not in _ROLES:
            raise UserError(f"There is no role '{role}'.", hint=f"Choose one of: stranger, {', '.join(_ROLES)}.")

        def work(context: Context) -> None:
            enrol(context.session, self._identity, name=role, roles=[_ROLES[role]], on=context.today)

        self._dispatcher.within(work)

    def _send(self, request: Request) -> Reply | None:
        return self._dispatcher.run(request)

    def _asked(self, words: str) -> Reply | None:
        if not words.isdecimal() or not 0 < int(words) <= len(self._actions):
            return self._send(Request(self._identity, words))
        pressed = self._actions[int(words) - 1]
        if isinstance(pressed, Link):
            return Card(pressed.url)
        return self._send(Request(self._identity, route=pressed.action, value=pressed.value))

    def _show(self, reply: Reply | None, typed: Iterator[str]) -> None:
        while isinstance(reply, Form):
            reply = self._filled(reply, typed)
        if reply is None:
            return
        self._say(wrapped(reply))
        self._actions = list(reply.actions) if isinstance(reply, Card) else []
        for number, action in enumerate(self._actions, 1):
            self._say(f"  {number}. {action.label}")
        self._say("")

    def _filled(self, form: Form, typed: Iterator[str]) -> Reply | None:
        """Ask field by field, again where something was wrong; the words of the first try are kept."""
        values = {field.name: field.value for field in form.fields}
        boxes = {field.name: field for field in form.fields}
        wrong = {field.name: "" for field in form.fields}
        self._say(wrapped(form))
        while wrong:
            for name, problem in wrong.items():
                kept = values.get(name, "")
                asked = box(boxes[name]) if problem and name in boxes and boxes[name].choices else ""
                self._say(" ".join(filter(None, (problem, asked, f"{name}:", f"[{kept}]" if kept else ""))))
                line = next(typed, None)
                if line is None:
                    return Card("Nothing was sent")
                values[name] = line.strip() or kept
            request = Request(
                self._identity, route=form.action, value=form.about, fields=values, key=f"form:{form.token}"
            )
            reply = self._send(request)
            if not isinstance(reply, Errors):
                return reply
            wrong = dict(reply.by_field)
            boxes |= {reply.also.name: reply.also} if reply.also else {}
        return None
