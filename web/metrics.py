"""What is counted, in a registry of this process's own."""

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge


@dataclass(frozen=True)
class Metrics:
    """The process's counters."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    orders: Counter = field(init=False)
    sockets: Gauge = field(init=False)
    frames: Counter = field(init=False)
    slow: Counter = field(init=False)

    def __post_init__(self) -> None:
        made = {
            "orders": Counter(
                "bluevest_orders", "Answers to warning orders by status", ["status"], registry=self.registry
            ),
            "sockets": Gauge("bluevest_console_sockets", "Open sockets of consoles", registry=self.registry),
            "frames": Counter("bluevest_console_frames", "Event frames sent to consoles", registry=self.registry),
            "slow": Counter("bluevest_console_slow", "Sockets closed for reading too slowly", registry=self.registry),
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)
