"""Listens on Redis for stations whose feed has grown. Redis may be away: nobody is told, and looking helps itself."""

import asyncio
from collections.abc import Callable

import redis.asyncio as redis
import structlog
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

CHANNEL = "bluevest:feed"
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_TIMEOUT_S = 5.0


async def listen(redis_url: str, heard: Callable[[str], None], connected: Callable[[], None]) -> None:
    """Call `heard` with each station's id as text, and `connected` when what was said before may have been missed.

    Runs until it is cancelled; comes back by itself after growing pauses.
    """
    pause = _FIRST_PAUSE_S
    while True:
        try:
            async with (
                redis.from_url(
                    redis_url,
                    decode_responses=True,
                    socket_connect_timeout=_TIMEOUT_S,
                    health_check_interval=_TIMEOUT_S,
                ) as client,
                client.pubsub(ignore_subscribe_messages=True) as channel,
            ):
                await channel.subscribe(CHANNEL)
                connected()
                while True:
                    message = await channel.get_message(timeout=_TIMEOUT_S)
                    pause = _FIRST_PAUSE_S
                    if message is not None:
                        heard(str(message["data"]))
        except (RedisError, OSError) as error:
            log.info("redis_away", error=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
