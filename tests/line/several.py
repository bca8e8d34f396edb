"""Several of the administrator's commands in one process, one after the other: a story begins with a dozen of them.

Reads `[[arguments, stdin], …]` as JSON; writes what each printed as a JSON list. Ends with the first that fails.
"""

import io
import json
import sys
from contextlib import redirect_stdout

from bluevest.cli import main


def run(arguments: list[str], stdin: str) -> str:
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin.encode()))
    said = io.StringIO()
    with redirect_stdout(said):
        code = main(arguments)
    if code:
        sys.stderr.write(f"{arguments}: {code}\n")
        sys.exit(code)
    return said.getvalue()


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    json.dump([run(arguments, stdin) for arguments, stdin in asked], sys.stdout)
