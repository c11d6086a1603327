"""Cards that between them hold every element, for the tests that look at what an e-mail shows."""

from __future__ import annotations

from bot.email.render import Links
from handlers.messages import Button, Card, Divider, Facts, Heading, Image, Link, Note, Table, Text, Tone


def _press(button: Button) -> str:
    return f"https://bot.example/mail/do/{button.action}-{button.value}"


LINKS = Links(
    press=_press,
    instead="Do this in Slack, or by a reply to secretariat@bot.example",
    unsubscribe="https://bot.example/mail/stop/token",
    partnership="The invented partnership",
    pictures="https://bot.example/",
)
CARDS = {
    "everything": Card(
        "Safer sleep week: what to do",
        (
            Text(
                "A **bold** word, an *italic* one, and [the guide](https://site.example/guide?a=1&b=2).\n\n"
                "More on [neglect](kb:neglect) & <tags> that are only typed."
            ),
            Heading("What to do"),
            Text("- Look at the cot\n- Ask about smoking\n\n3. Third\n4. Fourth"),
            Divider(),
            Heading("Figures"),
            Facts((("Visits", "12"), ("Calls", "3"))),
            Table(("Course", "Day"), (("Neglect", "Monday"), ("Thresholds", "Friday <2pm>")), more="2 more rows"),
            Image("https://bot.example/files/chart.png", "A chart: visits rise from 3 to 12"),
            Image("https://elsewhere.example/poster.png", "A poster about safer sleep"),
            Note("Source: arrangements 2019, section 3"),
        ),
        (
            Button("I have read this", "bulletins.read", "7", style="primary"),
            Link("The whole page", "https://site.example/page"),
            Button("Ask the secretariat", "enquiries.ask", opens=True),
        ),
        tone=Tone.WARNING,
    ),
    "danger": Card(
        "Call 999 now",
        (Text("If a child is in danger now, call [999](tel:999)."),),
        tone=Tone.DANGER,
    ),
    "other-scripts": Card("Łukasz, Zoë, 雪 and אבג meet", (Text("مرحبا بكم"), Text("From here on\n\n> quoted"))),
    "short": Card("Thank you"),
}
