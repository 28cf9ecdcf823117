"""The templates of all indices, read from ``config/elasticsearch``."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from leads.registry import find_config
from leads.store import Part, StoreError
from leads.words import simplified

COMMON = "common"
Template = dict[str, Any]


def version() -> int:
    """Return the version of the mapping; an index of another one must be built anew."""
    return int(_read(COMMON)["_meta"]["version"])


def component(prefix: str) -> tuple[str, Template]:
    """Return name and body of what all indices share: settings and analyzers."""
    body = _read(COMMON)
    settings = {**body["settings"], "analysis": {**body["settings"]["analysis"]}}
    settings["analysis"]["char_filter"] = {"t2s": {"type": "mapping", "mappings": _rules()}}
    return f"{prefix}-{COMMON}", {"template": {"settings": settings}, "_meta": body["_meta"]}


def template(prefix: str, part: Part) -> tuple[str, Template]:
    """Return name and body of a part's index template."""
    body = _read(part.value)
    mappings = {**body["mappings"], "_meta": {"part": part.value, "version": version()}}
    return f"{prefix}-{part.value}", {
        "index_patterns": [f"{prefix}-{part.value}-*"],
        "composed_of": [f"{prefix}-{COMMON}"],
        "priority": 500,
        "template": {"settings": body.get("settings", {}), "mappings": mappings},
        "_meta": body["_meta"],
    }


def fields(part: Part) -> dict[str, Any]:
    """Return a part's fields as they are mapped, by name."""
    mapped: dict[str, Any] = _read(part.value)["mappings"]["properties"]
    return mapped


def _rules() -> list[str]:
    return [f"{chr(old)} => {new}" for old, new in simplified().items()]


@cache
def _read(name: str) -> Template:
    folder = find_config() / "elasticsearch"
    if not folder.is_dir():  # a config of one's own need not repeat it
        shipped = Path(__file__).parents[2]
        folder = next((c for c in (shipped.parent, shipped) if (c / "config").is_dir()), shipped)
        folder = folder / "config" / "elasticsearch"
    try:
        read: Template = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"{folder / name}.json：无法读取索引模板（{error}）") from error
    return read
