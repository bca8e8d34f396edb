"""Logs as JSON lines on stderr, with no personal number in them, whoever wrote the line."""

import logging
import sys
import threading
from types import TracebackType

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from dispatcher.protection.redaction import redact, redact_text

_OWN_HANDLERS = ("uvicorn", "uvicorn.error", "uvicorn.access", "rq", "rq.worker", "rq.job", "rq.scheduler")
_TALKATIVE = ("twilio", "httpx", "httpcore")


def configure_logging(part: str, level: int = logging.INFO) -> None:
    """Send every log line of this process, structlog's and the standard library's, to stderr through one redactor.

    `part` names the process in each line ("web", "worker dispatch"). Uncaught exceptions and Python warnings go the
    same way. May be called again; the last call counts.
    """
    common = _common(part)
    handler = _Handler(sys.stderr)
    handler.setFormatter(ProcessorFormatter(foreign_pre_chain=common, processors=_final()))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _OWN_HANDLERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *common, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


def redact_event(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """The processor: every key and value of the line through `redact`."""
    del logger, method
    return {redact_text(key): redact(value) for key, value in event.items()}


def _common(part: str) -> list[Processor]:
    """What a line is given before it is rendered, wherever it came from."""

    def name_part(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        del logger, method
        event["part"] = part
        return event

    return [
        structlog.contextvars.merge_contextvars,
        name_part,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _final() -> list[Processor]:
    """Exceptions become text first, so that the redactor sees them."""
    return [
        ProcessorFormatter.remove_processors_meta,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact_event,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


class _Handler(logging.StreamHandler):  # type: ignore[type-arg]  # generic for the type checker only
    """A line that cannot be written is reported without its content, which nobody has redacted."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the standard library's name
        place = f"{record.pathname}:{record.lineno}"
        sys.stderr.write(f'{{"event": "a log line could not be written", "place": "{place}"}}\n')


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("uncaught").critical("the program ends", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        caught = (args.exc_type, args.exc_value, args.exc_traceback)
        logging.getLogger("uncaught").critical("a thread ends", exc_info=caught)
