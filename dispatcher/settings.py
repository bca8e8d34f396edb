"""Settings of the whole service, read from the environment (`BLUEVEST_*` and the few names others fixed)."""

from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dispatcher.errors import BadInput

SIMULATED_ACCOUNT = "AC00000000000000000000000000000000"


class SecondFactor(StrEnum):
    """Whether officers must have enrolled a one-time password (field guide §6)."""

    REQUIRED = "required"
    OPTIONAL = "optional"


def _named(name: str) -> AliasChoices:
    return AliasChoices(name, name.lower())


class Settings(BaseSettings):
    """One immutable set of settings, handed to what needs it; times are seconds."""

    model_config = SettingsConfigDict(env_prefix="BLUEVEST_", frozen=True, extra="ignore", populate_by_name=True)

    database_url: str = Field(validation_alias=_named("DATABASE_URL"))
    redis_url: str = Field(default="redis://127.0.0.1:6379/0", validation_alias=_named("REDIS_URL"))
    keys: str | None = None
    keys_file: Path | None = None
    public_url: str = "http://127.0.0.1:8000"
    second_factor: SecondFactor = SecondFactor.REQUIRED
    timezone: str = "Asia/Shanghai"
    tls_cert: Path | None = None
    tls_key: Path | None = None

    twilio_account_sid: str = Field(default=SIMULATED_ACCOUNT, validation_alias=_named("TWILIO_ACCOUNT_SID"))
    twilio_auth_token: str = Field(default="simulated-auth-token", validation_alias=_named("TWILIO_AUTH_TOKEN"))
    twilio_from: str = Field(default="+8613900009999", validation_alias=_named("TWILIO_FROM"))
    twilio_base_url: str | None = None
    provider_timeout_s: float = Field(default=5.0, gt=0, le=5, description="twice this is within a sender's lease")

    session_hours: float = Field(default=14, gt=0)
    session_idle_minutes: float = Field(default=60, gt=0)
    sign_in_attempts: int = Field(default=5, ge=1)
    sign_in_lock_minutes: float = Field(default=10, gt=0)
    secret_overlap_hours: float = Field(default=24, ge=0)
    event_days: int = Field(default=7, ge=1)

    @field_validator("public_url", "twilio_base_url")
    @classmethod
    def _http_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an http or https address")
        return value.rstrip("/")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        ZoneInfo(value)
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which days, nights and case numbers are counted."""
        return ZoneInfo(self.timezone)

    @property
    def secure(self) -> bool:
        """Whether people reach the service by https, so that cookies must say Secure."""
        return self.public_url.startswith("https:")

    @property
    def simulated(self) -> bool:
        """Whether texts go to the simulator instead of a provider; every page says so."""
        return self.twilio_account_sid == SIMULATED_ACCOUNT

    @property
    def sqlalchemy_url(self) -> str:
        """`DATABASE_URL` for SQLAlchemy with psycopg 3, whichever way the scheme was written."""
        _, _, rest = self.database_url.partition("://")
        return f"postgresql+psycopg://{rest}"


def load_settings() -> Settings:
    """Read the environment.

    Raises BadInput that names the variable.
    """
    try:
        return Settings()  # type: ignore[call-arg]  # filled from the environment
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        variable = name if name.isupper() else f"BLUEVEST_{name.upper()}"
        raise BadInput(f"setting {variable}: {first['msg']}", field=variable) from None
