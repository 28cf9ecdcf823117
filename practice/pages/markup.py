"""Puts texts into pages: escaped for markup, for JSON in scripts, for JavaScript literals."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from string import Template
from typing import Any

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Body:
    """What a handler answers with."""

    data: bytes
    content_type: str = HTML


class Raw(str):
    """Markup or script that is already safe."""


def fill(template: str, **values: object) -> Raw:
    """Fill ``$names``; everything but :class:`Raw` is escaped for markup."""
    safe = {k: v if isinstance(v, Raw) else escape(str(v)) for k, v in values.items()}
    return Raw(Template(template).substitute(safe))


def each(template: str, rows: list[dict[str, object]]) -> Raw:
    """Fill a template once a row."""
    return Raw("".join(fill(template, **row) for row in rows))


def script_json(data: Any) -> Raw:
    """Return JSON that may stand in a script, with ``<``, ``>`` and ``&`` as escapes."""
    text = json.dumps(data, ensure_ascii=False)
    return Raw(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def js_string(text: str) -> Raw:
    """Return a single-quoted JavaScript literal in which every character is a ``\\u`` escape."""
    units = text.encode("utf-16-be").hex()
    codes = (units[i : i + 4] for i in range(0, len(units), 4))
    return Raw("'" + "".join(f"\\u{code}" for code in codes) + "'")
