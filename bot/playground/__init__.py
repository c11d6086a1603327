"""The playground: the bot in a web page, as any of the invented people."""

from bot.playground.sender import PLATFORM
from bot.playground.web import Playground, build

__all__ = ["PLATFORM", "Playground", "build"]
