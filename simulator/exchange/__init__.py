"""The handset exchange: a Twilio-compatible line, and the phones at its other end."""

from simulator.exchange.app import create_exchange
from simulator.serving import serve_until_stopped
from simulator.settings import ExchangeSettings

__all__ = ["create_exchange", "serve"]


def serve(host: str, port: int) -> None:
    """Run the exchange until SIGINT or SIGTERM, with the settings of the environment."""
    serve_until_stopped(create_exchange(ExchangeSettings()), host, port)
