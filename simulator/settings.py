from typing import Literal

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "simulated-auth-token"  # noqa: S105 - the published credential of a simulation
FROM_NUMBER = "+8613900009999"
STORY_PACE_S, LONGEST_STORY_PACE_S = 7.0, 30.0
"""Between the steps of a story; slower, and an offer's time to answer would be over."""


class ExchangeSettings(BaseSettings):
    """The handset exchange's settings, from `BLUEVEST_SIM_*`; times in seconds.

    The credentials default to fixed values that exist nowhere but in a simulation.
    """

    model_config = SettingsConfigDict(env_prefix="BLUEVEST_SIM_", populate_by_name=True, extra="ignore")

    account_sid: str = ACCOUNT_SID
    auth_token: str = AUTH_TOKEN
    from_number: str = Field(default=FROM_NUMBER, validation_alias=AliasChoices("BLUEVEST_SIM_FROM", "from_number"))
    inbound_url: str | None = None
    sent_after: float = Field(default=0.05, ge=0)
    delivered_after: float = Field(default=0.15, ge=0)
    callback_attempts: int = Field(default=6, ge=1)
    callback_backoff: float = Field(default=0.5, ge=0)
    callback_timeout: float = Field(default=15.0, gt=0)
    keep: int = Field(default=5000, ge=1, description="messages kept in memory; older ones are forgotten")
    max_under_way: int = Field(default=10_000, ge=1, description="above it the API answers 429")


class TrafficSettings(BaseSettings):
    """Settings of the simulated city's day. `pace` 2.0 is twice as fast as life; other times in seconds.

    Without `officers` (name → password) there is no story and nobody at the desk but people.
    """

    model_config = SettingsConfigDict(env_prefix="BLUEVEST_SIM_", populate_by_name=True, extra="ignore")

    exchange_url: str = "http://127.0.0.1:8081"
    public_url: str = Field(
        default="http://127.0.0.1:8080", validation_alias=AliasChoices("BLUEVEST_PUBLIC_URL", "public_url")
    )
    source: str = "centre"
    secret: str = Field(default="", min_length=1, validate_default=True)
    station: str = "440306-LT"
    seed: int = 20260429
    pace: float = Field(default=1.0, gt=0)
    officers: dict[str, str] = Field(default_factory=dict, repr=False)
    story: Literal["liutang", "yongning", "none"] = "liutang"
    story_pace: float = Field(default=STORY_PACE_S, ge=0, le=LONGEST_STORY_PACE_S, description="after each step")
    desk_reported_s: float = Field(default=120, ge=0, description="until a case that is done is closed for people")
    desk_untouched_s: float = Field(default=900, ge=0, description="until a case nobody does anything about is closed")
    desk_alarm_s: float = Field(default=1800, ge=0, description="until alarms and texts of the inbox are seen to")
