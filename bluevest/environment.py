"""The environment of the parts, and what follows from the one we were started with. Pure: `env` is an argument."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bluevest.errors import OneLineError
from bluevest.parts import SIMULATED_CREDENTIALS

LOOPBACK_NAMES = "127.0.0.1,localhost"


@dataclass(frozen=True)
class Addresses:
    """Where things are in this start; `exchange_port` is None when texts go to a provider elsewhere."""

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    directory: Path
    port: int
    exchange_port: int | None
    keys_file: Path | None


def exchange_wanted(env: Mapping[str, str]) -> bool:
    """Whether texts go to our own handset exchange: no provider's account was given and no other host."""
    account = env.get("TWILIO_ACCOUNT_SID") or ""
    no_account = account in {"", SIMULATED_CREDENTIALS["TWILIO_ACCOUNT_SID"]}
    return no_account and not env.get("BLUEVEST_TWILIO_BASE_URL")


def traffic_wanted(env: Mapping[str, str], *, asked: bool | None, demo: bool) -> bool:
    """Whether simulated warning orders come in; by default with `--demo`, as long as texts stay on this machine.

    Raises OneLineError when asked for while texts go to the real provider: made-up numbers may be somebody's.
    """
    if asked is None:
        return demo and exchange_wanted(env)
    real = not exchange_wanted(env) and not env.get("BLUEVEST_TWILIO_BASE_URL")
    if asked and real:
        raise OneLineError("--traffic would text made-up numbers through the real provider: unset TWILIO_ACCOUNT_SID")
    return asked


def own_url(env: Mapping[str, str], port: int) -> str:
    """The service's address on this machine; https when a certificate was given."""
    scheme = "https" if env.get("BLUEVEST_TLS_CERT") else "http"
    return f"{scheme}://127.0.0.1:{port}"


def keys_file_needed(env: Mapping[str, str]) -> bool:
    """Whether the keys lie in DIR, because the environment neither holds nor names them."""
    return not (env.get("BLUEVEST_KEYS") or env.get("BLUEVEST_KEYS_FILE"))


def for_parts(env: Mapping[str, str], where: Addresses, *, demo: bool) -> dict[str, str]:
    """Our environment with the addresses of this start; what was set by hand stays as it is."""
    result = dict(env)
    result |= {
        "DATABASE_URL": where.database_url,
        "REDIS_URL": where.redis_url,
        "BLUEVEST_DATA": str(where.directory),
        "BLUEVEST_TRACEBACK": "1",
        "PYTHONUNBUFFERED": "1",
    }
    defaults = {"BLUEVEST_PUBLIC_URL": own_url(env, where.port)}
    if where.keys_file:
        defaults["BLUEVEST_KEYS_FILE"] = str(where.keys_file)
    if demo:
        defaults["BLUEVEST_SECOND_FACTOR"] = "optional"
    if where.exchange_port is not None:
        exchange, public = f"http://127.0.0.1:{where.exchange_port}", result.get("BLUEVEST_PUBLIC_URL")
        defaults["BLUEVEST_TWILIO_BASE_URL"] = defaults["BLUEVEST_SIM_EXCHANGE_URL"] = exchange
        defaults["BLUEVEST_SIM_INBOUND_URL"] = f"{public or own_url(env, where.port)}/hooks/twilio/inbound"
    if where.exchange_port is not None or env.get("BLUEVEST_TWILIO_BASE_URL"):
        defaults |= SIMULATED_CREDENTIALS
    for name, value in defaults.items():
        result[name] = result.get(name) or value
    for name in ("NO_PROXY", "no_proxy"):  # a proxy cannot reach this machine's own loopback
        result[name] = ",".join(part for part in (result.get(name), LOOPBACK_NAMES) if part)
    return result
