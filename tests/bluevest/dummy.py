"""Stands for the `bluevest` command in tests: each part as small as it can be, with faults to order.

In BLUEVEST_DATA, a file `fail-COMMAND` makes that command say its text and end with 2, and `seen-COMMAND` is left with
the environment it was started with.
"""

import http.server
import json
import os
import signal
import sys
import time
from pathlib import Path


class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    command = sys.argv[1]
    directory = Path(os.environ["BLUEVEST_DATA"])
    (directory / f"seen-{command}").write_text(json.dumps(dict(os.environ)))
    fault = directory / f"fail-{command}"
    if fault.exists():
        sys.stderr.write(fault.read_text())
        return 2
    if command == "migrate":
        Path(os.environ["BLUEVEST_KEYS_FILE"]).touch(mode=0o600)
    if command in {"migrate", "demo-seed"}:
        return 0
    if command == "web":
        port = int(sys.argv[sys.argv.index("--port") + 1])
        http.server.ThreadingHTTPServer(("127.0.0.1", port), Health).serve_forever()
    while True:
        time.sleep(60)


if __name__ == "__main__":
    sys.exit(main())
