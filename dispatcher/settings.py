"""Settings of the whole service, read from the environment (`BLUEVEST_*` and the few names others fixed)."""

import os
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from dispatcher.errors import BadInput

SIMULATED_ACCOUNT = "AC00000000000000000000000000000000"

FROM_FILES = ("DATABASE_URL", "REDIS_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM")
"""Settings that may come from the file that NAME_FILE names, as container platforms hand out secrets.

The keys are not among them: BLUEVEST_KEYS_FILE is followed while the service runs, since they may be rotated.
"""


class SecondFactor(StrEnum):
    """Whether officers must have enrolled a one-time password (field guide §6)."""

    REQUIRED = "required"
    OPTIONAL = "optional"


def _named(name: str) -> AliasChoices:
    return AliasChoices(name, name.lower())


class Settings(BaseSettings):
    """One immutable set of settings, handed to what needs it; times are seconds."""

    model_config = SettingsConfigDict(
        env_prefix="BLUEVEST_", frozen=True, extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    database_url: str = Field(validation_alias=_named("DATABASE_URL"))
    redis_url: str = Field(default="redis://127.0.0.1:6379/0", validation_alias=_named("REDIS_URL"))
    keys: str | None = None
    keys_file: Path | None = None
    public_url: str = "http://127.0.0.1:8000"
    second_factor: SecondFactor = SecondFactor.REQUIRED
    timezone: str = "Asia/Shanghai"
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_proxies: str = Field(default="", description="addresses or networks, separated by commas")
    metrics: bool | None = Field(default=None, description="whether /metrics is served; by default inside only")

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

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        """Raises ValueError for what is no network; nobody is trusted by a name, and never everybody."""
        found = [ip_network(part.strip()) for part in value.split(",") if part.strip()]
        if any(network.prefixlen == 0 for network in found):
            raise ValueError("must not be everybody: whoever is trusted may choose the address the audit shows")
        return ",".join(str(network) for network in found)

    @property
    def proxies(self) -> list[str]:
        """The networks whose word on the client's address is believed."""
        return self.trusted_proxies.split(",") if self.trusted_proxies else []

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which days, nights, shifts and case numbers are counted."""
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

    @property
    def libpq_url(self) -> str:
        """`DATABASE_URL` for PostgreSQL's own programs."""
        _, _, rest = self.database_url.partition("://")
        return f"postgresql://{rest}"


def secrets_from_files(env: Mapping[str, str]) -> dict[str, str]:
    """What the files hold that `env` names for the settings of `FROM_FILES`, without blanks and breaks around it.

    Raises BadInput that names the file when it cannot be read or holds nothing, or when the value is given twice.
    """
    return {name: _secret(name, env) for name in FROM_FILES if env.get(f"{name}_FILE")}


def _secret(name: str, env: Mapping[str, str]) -> str:
    variable = f"{name}_FILE"
    file = env[variable]
    if env.get(name):
        raise BadInput(f"settings {name} and {variable}: give one of them, not both", field=variable)
    try:
        value = Path(file).read_text().strip()
    except OSError as error:
        raise BadInput(f"setting {variable}: {file} cannot be read: {error.strerror}", field=variable) from None
    except UnicodeDecodeError:
        raise BadInput(f"setting {variable}: {file} is not UTF-8 text", field=variable) from None
    if not value:
        raise BadInput(f"setting {variable}: {file} is empty", field=variable)
    return value


def load_settings() -> Settings:
    """Read the environment, and the files it names for secrets.

    Raises BadInput that names the variable.
    """
    found: dict[str, Any] = dict(secrets_from_files(os.environ))
    try:
        return Settings(**found)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        variable = name if name.isupper() else f"BLUEVEST_{name.upper()}"
        raise BadInput(f"setting {variable}: {first['msg']}", field=variable) from None
