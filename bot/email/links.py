"""The addresses of the pages behind an e-mail's links, from the tokens that were made for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.email.render import Links
from handlers.mailing import Prepared
from handlers.messages import Button

PRESS, STOP, START = "/mail/do/", "/mail/stop/", "/mail/start/"


@dataclass(frozen=True, slots=True)
class Pages:
    """Where this service's pages are, and where else people can do something. It lives as long as the process.

    Without a public address there are no pages, and e-mails say where else to go.
    """

    public_url: str
    partnership: str
    reply_to: str = ""
    chats: tuple[str, ...] = ()

    @property
    def instead(self) -> str:
        """Say where to do what an e-mail cannot."""
        ways = [f"in {' or '.join(self.chats)}"] if self.chats else []
        return f"Do this {', or '.join((*ways, f'by a reply to {self.reply_to}' if self.reply_to else 'by a reply'))}"

    def of(self, prepared: Prepared) -> Links:
        """Return the links of one e-mail."""
        return Links(
            press=lambda button: self.press(prepared.pressed, button),
            instead=self.instead,
            unsubscribe=self.unsubscribe(prepared) if not prepared.always else "",
            always=prepared.always,
            partnership=self.partnership,
            pictures=f"{self.public_url}/" if self.public_url else "",
        )

    def press(self, tokens: Mapping[tuple[str, str], str], button: Button) -> str:
        """Return the page behind a button; empty where there is none."""
        token = tokens.get((button.action, button.value))
        return f"{self.public_url}{PRESS}{token}" if token and self.public_url else ""

    def unsubscribe(self, prepared: Prepared) -> str:
        """Return the page that stops this kind of e-mail; empty where there is none."""
        return f"{self.public_url}{STOP}{prepared.unsubscribe}" if prepared.unsubscribe and self.public_url else ""
