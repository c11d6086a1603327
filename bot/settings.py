"""Every setting, from the environment: what it is called, what it means, and what holds when it is not set."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from db.people import Identity
from handlers.context import House
from knowledge.calendar import CalendarError, Hours

PLATFORMS = ("slack", "teams", "email", "playground", "terminal")  # those that people speak from


class Settings(BaseSettings):
    """The settings of one installation. Credentials that are not set switch their platform off."""

    model_config = SettingsConfigDict(env_prefix="THSCP_", env_file=".env", extra="ignore")

    database_url: str = Field(
        default="sqlite:///thscp.db", description="Where everything is kept: sqlite:///FILE or postgresql://…"
    )
    public_url: str = Field(default="", description="The address under which people's browsers reach this service.")
    slack_bot_token: SecretStr | None = Field(default=None, description="Slack's bot token, xoxb-…")
    slack_signing_secret: SecretStr | None = Field(
        default=None, description="Slack's signing secret, for requests over HTTP."
    )
    slack_app_token: SecretStr | None = Field(
        default=None, description="Slack's app token, xapp-…: switches Socket Mode on."
    )
    slack_history: bool = Field(
        default=True, description="Whether the app may read back what it posted, to settle what is uncertain."
    )
    slack_channel_pace: float = Field(
        default=1.0, ge=0, le=60, description="Seconds between two posts to one channel or person of Slack."
    )
    slack_per_second: float = Field(
        default=20.0, ge=0, le=1000, description="Posts a second to the whole Slack workspace; 0 for no limit."
    )
    slack_api_url: str = Field(default="https://slack.com/api/", description="Where Slack's Web API is.")
    teams_client_id: str = Field(default="", description="The Application (client) ID of the bot's registration.")
    teams_client_secret: SecretStr | None = Field(default=None, description="The value of its client secret.")
    teams_tenant_ids: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="The tenants whose people are answered; the first is that of the registration."
    )
    teams_history: bool = Field(
        default=False, description="Whether the app may read the channels it is in, to settle what is uncertain."
    )
    teams_slash: bool = Field(default=False, description="Whether the app package offers slash commands.")
    teams_pace: float = Field(
        default=1.0, ge=0, le=60, description="Seconds between two posts to one conversation of Teams."
    )
    teams_per_second: float = Field(
        default=20.0, ge=0, le=1000, description="Posts a second to all of Teams; 0 for no limit."
    )
    teams_login_url: str = Field(
        default="https://login.microsoftonline.com", description="Where the bot gets its tokens."
    )
    teams_keys_url: str = Field(
        default="https://login.botframework.com/v1/.well-known/openidconfiguration",
        description="Where it stands by which keys Teams signs.",
    )
    teams_issuer: str = Field(default="https://api.botframework.com", description="Who signs what Teams sends.")
    teams_graph_url: str = Field(default="https://graph.microsoft.com", description="Where Microsoft Graph is.")
    smtp_url: SecretStr | None = Field(
        default=None, description="The mail server: smtp://user:password@host:587, or smtps://… Switches e-mail on."
    )
    notify_api_key: SecretStr | None = Field(
        default=None, description="GOV.UK Notify's key, in place of a mail server. Switches e-mail on."
    )
    notify_template_id: str = Field(default="", description="Notify's template, with ((subject)) and ((body)).")
    notify_api_url: str = Field(
        default="https://api.notifications.service.gov.uk", description="Where GOV.UK Notify is."
    )
    mail_from: str = Field(default="", description="As whom e-mails are sent: Safeguarding <name@example.org>")
    mail_reply_to: str = Field(default="", description="The secretariat's mailbox, to which replies go.")
    mail_per_second: float = Field(
        default=5.0, ge=0, description="How many e-mails a second all replicas send together; 0 for no limit."
    )
    secretariat: Annotated[tuple[Identity, ...], NoDecode] = Field(
        default=(), description="Platform ids that are secretariat from the start: slack:U0123,slack:U0456"
    )
    partnership: str = Field(default=House().partnership, description="The name of the partnership.")
    area: str = Field(default=House().area, description="The area that the articles speak of.")
    command: str = Field(default=House().command, description="The slash command.")
    time_zone: str = Field(default="Europe/London", description="The time zone that people live in.")
    contacts: str = Field(default="", description="A file with the contacts, in place of the shipped ones.")
    withhold_unapproved: bool = Field(
        default=False, description="Show only articles that the partnership has approved."
    )
    keep_words_days: int = Field(
        default=30, ge=1, le=365, description="Days for which the words of unanswered questions are kept."
    )
    quiet_hours: str = Field(default="", description="Hours in which nothing that can wait arrives: 21:00-07:00")
    school_holidays: str = Field(
        default="", description="School holidays, before which a bulletin for schools warns: 2026-12-21/2027-01-01,…"
    )
    risk_floor: bool = Field(default=False, description="Whether a risk of the worst impact is never below amber.")
    deputy_counts: bool = Field(
        default=True, description="Whether a deputy's attendance ends a row of absences of the member."
    )
    book_elsewhere: str = Field(
        default="", description="Where places in training are booked, if not here: https://learning.example.org"
    )
    manager_days: int = Field(
        default=5, ge=1, le=30, description="Working days for which a place is held until the manager agrees."
    )
    offer_days: int = Field(
        default=1, ge=1, le=10, description="Working days until an offered place lapses, at the end of the last."
    )
    late_cancel_days: int = Field(
        default=3, ge=0, le=30, description="Working days before training, within which giving up a place is late."
    )
    work_ends: str = Field(default="17:00", description="When a working day ends, for offers of places.")
    asks_per_minute: int = Field(default=60, ge=0, description="What one person may ask in a minute; 0: no limit.")
    sends_per_minute: int = Field(default=20, ge=0, description="Forms that one person may send in a minute.")
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("teams_client_id")
    @classmethod
    def _client(cls, value: str) -> str:
        return _uuid(value) if value.strip() else ""

    @field_validator("teams_tenant_ids", mode="before")
    @classmethod
    def _tenants(cls, value: object) -> object:
        if isinstance(value, str):
            parts = (part.strip() for part in value.split(","))
            value = tuple(dict.fromkeys(_uuid(part) for part in parts if part))
        return value

    @field_validator("secretariat", mode="before")
    @classmethod
    def _identities(cls, value: object) -> object:
        if isinstance(value, str):
            value = tuple(Identity.parse(part) for part in value.split(",") if part.strip())
            if not all(identity.platform in PLATFORMS for identity in value):
                raise ValueError(f"the part before each colon must be one of: {', '.join(PLATFORMS)}")
        return value

    @field_validator("school_holidays")
    @classmethod
    def _holidays(cls, value: str) -> str:
        try:
            holidays = _days(value)
        except ValueError:
            holidays = ((date.max, date.min),)
        if any(first > last for first, last in holidays):
            raise ValueError("must be first and last days such as 2026-12-21/2027-01-01,2027-02-15/2027-02-19")
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        try:
            return str(Hours.parse(value)) if value.strip() else ""
        except CalendarError as error:
            raise ValueError("must be two different times such as 21:00-07:00") from error

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @field_validator("work_ends")
    @classmethod
    def _ends(cls, value: str) -> str:
        try:
            time.fromisoformat(value)
        except ValueError:
            raise ValueError("must be a time such as 17:00") from None
        return value

    @field_validator("book_elsewhere")
    @classmethod
    def _elsewhere(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError("must be an address that begins with https://")
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("must be a time zone such as Europe/London")
        return value

    @property
    def reached(self) -> frozenset[str]:
        """Return the platforms that have credentials, so that messages can be sent there."""
        teams = self.teams_client_id and self.teams_client_secret and self.teams_tenant_ids
        on = {"slack": self.slack_bot_token, "teams": teams, "email": self.mails_by}
        return frozenset(platform for platform, credentials in on.items() if credentials)

    @property
    def mails_by(self) -> Literal["smtp", "notify", ""]:
        """Return what sends e-mails; empty while nothing can, or when two could."""
        smtp = bool(self.smtp_url and self.mail_from)
        notify = bool(self.notify_api_key and self.notify_template_id)
        if smtp is notify:
            return ""
        return "smtp" if smtp else "notify"

    @property
    def house(self) -> House:
        """Return what handlers may know of the settings."""
        return House(
            partnership=self.partnership,
            command=self.command,
            area=self.area,
            time_zone=ZoneInfo(self.time_zone),
            withhold_unapproved=self.withhold_unapproved,
            keep_words_days=self.keep_words_days,
            public_url=self.public_url.rstrip("/"),
            reached=self.reached,
            quiet_hours=self.quiet_hours,
            school_holidays=_days(self.school_holidays),
            risk_floor=self.risk_floor,
            deputy_counts=self.deputy_counts,
            book_elsewhere=self.book_elsewhere,
            manager_days=self.manager_days,
            offer_days=self.offer_days,
            late_cancel_days=self.late_cancel_days,
            work_ends=time.fromisoformat(self.work_ends),
        )


def _uuid(text: str) -> str:
    """Read an id as Azure shows it. Raises ValueError."""
    try:
        return str(UUID(text.strip()))
    except ValueError:
        raise ValueError("must be ids such as 00000000-0000-0000-0000-000000000000") from None


def _days(text: str) -> tuple[tuple[date, date], ...]:
    """Read first and last days. Raises ValueError."""
    parts = (part.strip().split("/") for part in text.split(",") if part.strip())
    return tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in parts)
