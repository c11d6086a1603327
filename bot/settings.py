"""Every setting, from the environment: what it is called, what it means, and what holds when it is not set."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from db.people import Identity
from handlers.context import House

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
    slack_api_url: str = Field(default="https://slack.com/api/", description="Where Slack's Web API is.")
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
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("secretariat", mode="before")
    @classmethod
    def _identities(cls, value: object) -> object:
        if isinstance(value, str):
            value = tuple(Identity.parse(part) for part in value.split(",") if part.strip())
            if not all(identity.platform in PLATFORMS for identity in value):
                raise ValueError(f"the part before each colon must be one of: {', '.join(PLATFORMS)}")
        return value

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("must be a time zone such as Europe/London")
        return value

    @property
    def reached(self) -> frozenset[str]:
        """Return the platforms that have credentials, so that messages can be sent there."""
        return frozenset({"slack"} if self.slack_bot_token else ())

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
        )
