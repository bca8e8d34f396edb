import json
import subprocess
import sys
from typing import Any

PREAMBLE = """
import logging, logging.config, structlog, sys, threading, warnings
from dispatcher.protection.logs import configure_logging
configure_logging("worker dispatch")
log = structlog.get_logger("own")
"""


def logged(script: str, code: int = 0) -> list[dict[str, Any]]:
    """What a process that ran the script wrote on stderr, a line an object; nothing may stand on stdout."""
    ran = subprocess.run([sys.executable, "-c", PREAMBLE + script], capture_output=True, text=True, check=False)
    assert ran.returncode == code, ran.stderr
    assert ran.stdout == ""
    for personal in ("13800000001", "6222020000000017", "44030619900101123X", "tok3n"):
        assert personal not in ran.stderr
    return [json.loads(line) for line in ran.stderr.splitlines()]


def test_own_lines_are_json_with_part_level_time_and_context() -> None:
    [line] = logged("""
structlog.contextvars.bind_contextvars(station="440306-LT")
log.info("case opened", case="LT-20260429-003", summary="王某")
log.debug("not shown")
""")
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "case opened",
        "case": "LT-20260429-003",
        "summary": "王某",
        "station": "440306-LT",
        "part": "worker dispatch",
        "level": "info",
        "logger": "own",
    }


def test_numbers_and_links_are_gone_from_event_values_keys_and_context() -> None:
    [line] = logged("""
structlog.contextvars.bind_contextvars(caller="+8613800000001")
log.warning("call 13800000001", to=["+86 138 0000 0001"], **{"13800000001": 6222020000000017},
            resident={"identity": "44030619900101123X"}, link="https://x/t/tok3n")
""")
    assert line["event"] == "call [number]"
    assert line["[number]"] == "[number]"
    assert (line["to"], line["resident"]) == (["[number]"], {"identity": "[number]"})
    assert (line["link"], line["caller"]) == ("https://x/t/[link]", "[number]")


def test_exceptions_are_kept_without_the_numbers_in_them() -> None:
    own, other = logged("""
def fails():
    raise ValueError("no such phone: " + "+86138" + "00000001")
try:
    fails()
except ValueError:
    log.exception("failed")
    logging.getLogger("rq.worker").exception("job %s failed", "138" + "00000001")
""")
    for line in (own, other):
        assert "ValueError: no such phone: [number]" in line["exception"]
        assert "in fails" in line["exception"]
    assert other["event"] == "job [number] failed"
    assert other["logger"] == "rq.worker"


def test_the_libraries_lines_go_the_same_way_even_with_handlers_of_their_own() -> None:
    lines = logged("""
import rq.logutils, uvicorn.config
logging.config.dictConfig(uvicorn.config.LOGGING_CONFIG)
rq.logutils.setup_loghandlers("INFO")
configure_logging("web")
logging.getLogger("uvicorn.access").info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:54321", "GET", "/t/tok3n", "1.1", 200)
logging.getLogger("uvicorn.error").info("started", extra={"color_message": "13800000001"})
rq.logutils.setup_loghandlers("INFO")
logging.getLogger("rq.worker").info("job for %(phone)s", {"phone": "13800000001"})
logging.getLogger("sqlalchemy.engine.Engine").warning("[generated in 0.1s] %r", ("13800000001",))
""")
    assert [(line["logger"], line["event"]) for line in lines] == [
        ("uvicorn.access", '127.0.0.1:54321 - "GET /t/[link] HTTP/1.1" 200'),
        ("uvicorn.error", "started"),
        ("rq.worker", "job for [number]"),
        ("sqlalchemy.engine.Engine", "[generated in 0.1s] ('[number]',)"),
    ]
    assert {line["part"] for line in lines} == {"web"}


def test_configured_twice_a_line_is_written_once() -> None:
    assert len(logged("configure_logging('web'); configure_logging('web'); log.info('once')")) == 1


def test_a_line_that_cannot_be_rendered_does_not_show_its_arguments() -> None:
    bad, good = logged("""
logging.getLogger("careless").info("%d calls", "138" + "00000001")
log.info("goes on", odd="\\ud800")
""")
    assert bad["event"] == "a log line could not be written"
    assert good["event"] == "goes on"


def test_uncaught_exceptions_and_warnings_are_redacted_too() -> None:
    warned, thread, ended = logged(
        """
warnings.warn("old call " + "138" + "00000001")
def fails():
    raise RuntimeError("138" + "00000001")
running = threading.Thread(target=fails)
running.start()
running.join()
fails()
""",
        code=1,
    )
    assert "old call [number]" in warned["event"]
    assert "RuntimeError: [number]" in thread["exception"]
    assert "RuntimeError: [number]" in ended["exception"]
