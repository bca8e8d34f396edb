"""Roster files made for a test."""

import io
from pathlib import Path
from typing import Any

from openpyxl import Workbook

HEADER = ["name", "phone", "station", "community", "grid", "lon", "lat", "crs", "kind", "team", "skills", "on_duty"]


def csv_text(*rows: str, header: str = ",".join(HEADER)) -> str:
    return "\n".join([header, *rows]) + "\n"


def xlsx_bytes(*rows: list[Any], header: list[Any] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [HEADER if header is None else header, *rows]:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    book.close()
    return buffer.getvalue()


def saved(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
