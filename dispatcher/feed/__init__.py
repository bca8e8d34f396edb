"""The feed: one gapless sequence of events a station, and a snapshot to start from (contract: Console)."""

from dispatcher.feed.events import events_after, frame, prune
from dispatcher.feed.snapshot import MOST_REPLAYED, resume, snapshot

__all__ = ["MOST_REPLAYED", "events_after", "frame", "prune", "resume", "snapshot"]
