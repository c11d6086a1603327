"""Shorter waits for the short form of the proof. The bots are the same; only their constants are."""

from __future__ import annotations

from tests.crash.processes import Pace

# A call is given up after 2 s in place of 10 or 15, what was abandoned is looked for after 3 s in place of 15.
QUICK = Pace(
    "from datetime import timedelta\n"
    "import db.outcomes; db.outcomes.FIRST_WAIT = timedelta(seconds=1)\n"
    "import bot.posting; bot.posting.MARGIN = 1.0\n"
    "import bot.slack.sender; bot.slack.sender.SlackSender.timeout = 2.0\n"
    "import bot.teams.sender; bot.teams.sender.TeamsSender.timeout = 2.0\n"
    "import bot.trusting; bot.trusting.IN_FLIGHT = timedelta(seconds=3)\n"
    "import bot.verifying; bot.verifying.LATER = timedelta(seconds=1)\n"
)
