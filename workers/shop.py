"""What a worker needs, made once when its process starts."""

from dataclasses import dataclass
from functools import cached_property

from redis import Redis

from dispatcher.db import Database, make_engine
from dispatcher.feedback.deliverer import Deliverer
from dispatcher.jobs import Waker
from dispatcher.messaging.sender import Sender
from dispatcher.messaging.twilio_adapter import TwilioSms
from dispatcher.settings import Settings
from workers.wakeups import BackgroundWaker, RqWaker, connect


@dataclass(frozen=True)
class Shop:
    """Settings, stores, and the two that speak to the outside."""

    settings: Settings
    database: Database
    redis: Redis
    waker: Waker

    @cached_property
    def sender(self) -> Sender:
        """Sends texts through Twilio, or whatever speaks its language at the configured address."""
        provider = TwilioSms(
            self.settings.twilio_account_sid,
            self.settings.twilio_auth_token,
            self.settings.twilio_from,
            self.settings.twilio_base_url,
            f"{self.settings.public_url}/hooks/twilio/status",
            self.settings.provider_timeout_s,
        )
        return Sender(self.database, provider, self.settings.public_url)

    @cached_property
    def deliverer(self) -> Deliverer:
        """Delivers feedback to the centres."""
        return Deliverer(self.database)


def open_shop(settings: Settings) -> Shop:
    """Open the stores; connections are made when they are first needed."""
    redis = connect(settings.redis_url)
    waker = RqWaker(redis)
    database = Database(make_engine(settings), waker=BackgroundWaker(waker))
    return Shop(settings, database, redis, waker)
