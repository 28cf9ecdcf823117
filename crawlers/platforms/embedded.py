"""JSON and JavaScript literals in a page's scripts: found, sliced and parsed, never run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import chompjs

from crawlers.page import Unreadable, clean
from leads.model import Verdict

LONGEST_LITERAL = 4_000_000
"""Characters of a script that are looked at for one literal."""

_DECODER = json.JSONDecoder(strict=False)


def json_value(text: str) -> Any:
    """Return the value of a whole JSON text (JSONP is unwrapped).

    Raises:
        Unreadable: it is cut off, broken, or nested too deeply.
    """
    wrapped = re.match(r"\s*[\w$.]{1,64}\s*\(\s*(?=[\[{])", text)
    return _parse(text, wrapped.end() if wrapped else 0)


def json_after(text: str, pattern: re.Pattern[str]) -> Any:
    """Return the strict JSON value that begins where ``pattern`` ends; None if it is nowhere.

    Raises:
        Unreadable: it begins there, but is cut off, broken, or nested too deeply.
    """
    found = pattern.search(text)
    return _parse(text, found.end()) if found else None


def literal_after(text: str, pattern: re.Pattern[str]) -> Any:
    """Return the JavaScript literal that begins where ``pattern`` ends; None if nowhere.

    Strict JSON is tried first. Then unquoted and numeric keys, comments, single quotes and trailing
    commas are understood; calls and operators come back as strings.

    Raises:
        Unreadable: it begins there, but is cut off, broken, or nested too deeply.
    """
    found = pattern.search(text)
    if not found:
        return None
    try:
        return _DECODER.raw_decode(text, found.end())[0]
    except (ValueError, RecursionError):
        return literal(text[found.end() : found.end() + LONGEST_LITERAL])


def literal(text: str) -> Any:
    """Return the first JavaScript (or Python) object or list literal in a short text.

    Raises:
        Unreadable: there is none, or it is cut off, broken, or nested too deeply.
    """
    try:
        return chompjs.parse_js_object(text, loader_kwargs={"strict": False})
    except RecursionError as deep:
        raise Unreadable(Verdict.DAMAGED, "页面内嵌数据嵌套过深") from deep
    except ValueError as broken:
        raise Unreadable(Verdict.DAMAGED, "页面内嵌数据不完整或已损坏") from broken


def dig(value: Any, *path: str | int) -> Any:
    """Return what lies at a path of keys and indexes, None where it breaks off."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def text_at(node: Any, *keys: str) -> str | None:
    """Return the text or number under the first of the keys that has one."""
    if not isinstance(node, dict):
        return None
    return next((text for key in keys if (text := clean(node.get(key)))), None)


def record(value: Any, *path: str | int) -> dict[str, Any]:
    """Return the object that lies at a path, an empty one where there is none."""
    found = dig(value, *path)
    return found if isinstance(found, dict) else {}


def search(value: Any, *keys: str, levels: int = 12) -> Any:
    """Return the first value under one of the keys, wherever it lies; None if it is nowhere.

    Level by level, at most ``levels`` deep and 50,000 values: shop software moves its data around
    from build to build, but keeps the names.
    """
    queue, seen = [value], 0
    for _ in range(levels):
        below: list[Any] = []
        for node in queue:
            seen += 1
            if isinstance(node, dict):
                for key in keys:
                    if node.get(key) not in (None, "", [], {}):
                        return node[key]
                below.extend(node.values())
            elif isinstance(node, list):
                below.extend(node)
        if seen > 50_000:
            return None
        queue = below
    return None


def dicts(value: Any, *path: str | int) -> Iterator[dict[str, Any]]:
    """Yield the objects in the list at a path; a single object counts as a list of one."""
    found = dig(value, *path)
    if isinstance(found, dict):
        yield found
    elif isinstance(found, list):
        yield from (entry for entry in found if isinstance(entry, dict))


def _parse(text: str, start: int) -> Any:
    while start < len(text) and text[start] in " \t\r\n\ufeff":
        start += 1
    try:
        return _DECODER.raw_decode(text, start)[0]
    except RecursionError as deep:
        raise Unreadable(Verdict.DAMAGED, "数据嵌套过深") from deep
    except ValueError as broken:
        raise Unreadable(Verdict.DAMAGED, "数据不完整或已损坏") from broken
