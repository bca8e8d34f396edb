"""The page that shows what the simulated centre was told, newest first."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_SHOWN = 200
_TYPES = {
    "case.opened": "已立案",
    "case.signed_for": "已签收",
    "contact.attempted": "已联系",
    "resident.met": "已见面",
    "freeze.changed": "止付变动",
    "case.closed": "已结案",
    "case.reopened": "重新打开",
}
_BY = {"vest": "队员", "officer": "民警", "centre": "中心", "system": "系统", "grid_worker": "网格员"}
_TAKEN = 204
_STYLE = (
    "body{font:16px/1.5 sans-serif;margin:1.5rem;color:#1b2733;background:#fff}table{border-collapse:collapse}"
    "th,td{padding:.3rem .8rem;text-align:left;border-bottom:1px solid #c9d3dc}.no{color:#a40000}"
)


def feedback_page(received: Sequence[Mapping[str, Any]]) -> str:
    """The page as HTML; it loads itself again every five seconds."""
    rows = "".join(_row(item) for item in list(received)[: -_SHOWN - 1 : -1])
    nothing = '<tr><td colspan="6">还没有收到反馈 · nothing yet</td></tr>'
    heads = "".join(
        f"<th>{head}</th>"
        for head in ("时间 · at", "状态 · status", "指令 · order", "案件 · case", "由 · by", "签名 · signature")
    )
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>反诈中心(模拟) · anti-fraud centre (simulation)</title><style>{_STYLE}</style></head><body>"
        "<h1>反诈中心收到的反馈(模拟) · what the centre was told (simulation)</h1>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows or nothing}</tbody></table></body></html>"
    )


def _row(item: Mapping[str, Any]) -> str:
    content = _object(item["content"])
    data = _object(content.get("data"))
    type_, by = str(content.get("type", "—")), str(data.get("by", "—"))
    ended = f" · {data['disposition']}" if data.get("disposition") else ""
    cells = (
        str(item["at"]),
        f"{_TYPES.get(type_, '')} {type_}{ended}",
        ", ".join(str(number) for number in data.get("alert_nos") or []),
        str(data.get("case", "—")),
        f"{_BY.get(by, '')} {by}",
    )
    right = "<td>有效 · valid</td>" if item["answer"] == _TAKEN else f'<td class="no">{item["answer"]}</td>'
    return f"<tr>{''.join(f'<td>{escape(cell.strip())}</td>' for cell in cells)}{right}</tr>"


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
