"""A backup file: what it holds, whether it can be read to its end, and its content as statements and rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bluevest.backup.programs import complaint, output, program, running
from bluevest.errors import OneLineError

_MAGIC = b"PGDMP"
_CREATED = "; Archive created at "
_FIRST_OF_ROWS, _AFTER_ROWS = b"COPY ", b"\\.\n"
_LEFT_OUT = (b"\\restrict", b"\\unrestrict", b"SET transaction_timeout")
"""Words for psql, which reads no script here, and a setting that PostgreSQL before 17 does not know."""
_PLAIN = ("--no-owner", "--no-privileges", "--no-publications", "--no-subscriptions", "--no-tablespaces", "--file=-")

Rows = Iterator[bytes]


@dataclass(frozen=True)
class Content:
    """Which schema the backup was made from, the check value of its keys, and when it was made (UTC, as text)."""

    revision: str
    key_fingerprint: str
    made_at: str


class Archive:
    """One backup file, as `pg_dump` writes it."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def check(self) -> None:
        """Read it from the first byte to the last.

        Raises OneLineError when it is no backup, or was cut off or damaged.
        """
        try:
            with self.file.open("rb") as content:
                magic = content.read(len(_MAGIC))
        except OSError as error:
            raise OneLineError(f"{self.file} cannot be read: {error.strerror}") from None
        if magic != _MAGIC:
            raise OneLineError(f"{self.file} is no backup of this program")
        with self._reading(*_PLAIN) as lines:
            for _ in lines:
                pass

    def content(self) -> Content:
        """What it says about itself.

        Raises OneLineError when it is a dump of something else.
        """
        try:
            revision = self._column("alembic_version", "version_num")
            fingerprint = self._column("installation", "key_fingerprint")
        except LookupError:
            raise OneLineError(f"{self.file} is a backup of another program's database") from None
        return Content(revision, fingerprint, self._made_at())

    def replay(self, execute: Callable[[bytes], None], copy: Callable[[bytes, Rows], None]) -> None:
        """Give its content in order: `execute` gets statements, `copy` a COPY statement and the rows for it.

        Raises OneLineError when the file cannot be read to its end; what was given until then must be undone.
        """
        with self._reading(*_PLAIN) as lines:
            statements: list[bytes] = []
            for line in lines:
                if line.startswith(_FIRST_OF_ROWS) and line.endswith(b"FROM stdin;\n"):
                    execute(b"".join(statements))
                    statements = []
                    copy(line.rstrip(b";\n"), _rows(lines))
                elif not line.startswith(_LEFT_OUT):
                    statements.append(line)
            execute(b"".join(statements))

    def _made_at(self) -> str:
        with self._reading("--list") as lines:
            texts = [line.decode(errors="replace").strip() for line in lines]
        return next((text.removeprefix(_CREATED) for text in texts if text.startswith(_CREATED)), "an unknown time")

    def _column(self, table: str, column: str) -> str:
        """The value in the table's one row. Raises LookupError when there is no such thing."""
        found: list[tuple[list[str], list[bytes]]] = []
        with self._reading("--data-only", f"--table={table}", "--file=-") as lines:
            for line in lines:
                if line.startswith(_FIRST_OF_ROWS):
                    names = line.decode().partition("(")[2].partition(")")[0].split(", ")
                    found.append((names, list(_rows(lines))))
        for names, rows in found:
            if rows and column in names:
                return rows[0].decode().rstrip("\n").split("\t")[names.index(column)]
        raise LookupError(column)

    @contextmanager
    def _reading(self, *options: str) -> Iterator[Iterator[bytes]]:
        """What `pg_restore` makes of the file, line by line; read it to its end.

        Raises OneLineError when it did not get through the file.
        """
        with running([program("pg_restore"), *options, str(self.file.absolute())], {}) as process:
            yield iter(output(process))
            wrong = complaint(process)
        if wrong:
            raise OneLineError(f"{self.file} is damaged or cut off: {wrong}")


def _rows(lines: Iterator[bytes]) -> Rows:
    for line in lines:
        if line == _AFTER_ROWS:
            return
        yield line
