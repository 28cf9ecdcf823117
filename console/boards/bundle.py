"""Builds the saved objects that Kibana imports, in the oldest versions that can say them.

Shapes after public exports of Kibana 8.8 to 9: an import goes to the same or a newer Kibana, so
data views and searches are written as of 8.0, visualisations and dashboards as of 8.9.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from console.boards.lens import LAYER, Json, lens
from console.boards.meanings import Types, Words
from console.boards.source import Board, Panel, Search, Sources, View

CORE = "8.8.0"
"""coreMigrationVersion of every Kibana from 8.8 on."""

VERSIONS = {"index-pattern": "8.0.0", "search": "8.0.0", "lens": "8.9.0", "dashboard": "8.9.0"}
"""typeMigrationVersion by type of object."""


def bundle(sources: Sources, prefix: str, types: Types, words: Words) -> list[Json]:
    """Return every saved object, those referred to before those that refer to them.

    ``prefix`` is how the store's indices begin. The same sources always give the same objects.
    """
    objects = [_view(view, prefix, types[view.id], words) for view in sources.views.values()]
    objects += [_search(search) for search in sources.searches.values()]
    for board in sources.boards:
        objects += [_lens(board, panel, types) for panel in board.panels if panel.view is not None]
        objects.append(_board(board))
    return objects


def ndjson(objects: list[Json]) -> bytes:
    """Return what Kibana's import takes: an object a line."""
    return "".join(f"{json.dumps(o, ensure_ascii=False)}\n" for o in objects).encode()


def _id(*parts: str) -> str:
    return "-".join(("markwatch", *parts))


def _text(value: object) -> str:
    """Return the JSON text that some attributes must be."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _object(kind: str, id_: str, attributes: Json, references: list[Json]) -> Json:
    """Return one saved object; a mark in its description tells later whether it is still ours.

    Kibana rewrites what it imports to its own version, so only the mark can be compared.
    """
    if "description" in attributes:
        digest = hashlib.sha256(_text([attributes, references]).encode()).hexdigest()[:8]
        described = f"{attributes['description']}〔{digest}〕"
        attributes = {**attributes, "description": described}
    return {
        "type": kind,
        "id": id_,
        "attributes": attributes,
        "references": references,
        "coreMigrationVersion": CORE,
        "typeMigrationVersion": VERSIONS[kind],
        "managed": False,
    }


def _view(view: View, prefix: str, types: dict[str, str], words: Words) -> Json:
    formats: Json = {
        field: {"id": "url", "params": {"labelTemplate": "办理"}} for field in view.links
    }
    for field in words.keys() & types.keys():
        entries = [{"key": code, "value": word} for code, word in sorted(words[field].items())]
        formats[field] = {"id": "static_lookup", "params": {"lookupEntries": entries}}
    attributes = {
        "title": f"{prefix}-{view.index}",
        "name": view.name,
        **({"timeFieldName": view.time} if view.time else {}),
        "fieldFormatMap": _text(dict(sorted(formats.items()))),
        "fieldAttrs": "{}",
        "runtimeFieldMap": "{}",
        "sourceFilters": "[]",
        "fields": "[]",
        "allowHidden": False,
    }
    return _object("index-pattern", _id(view.id), attributes, [])


def _source(kql: str, **more: object) -> str:
    return _text({"query": {"language": "kuery", "query": kql}, "filter": [], **more})


def _search(search: Search) -> Json:
    name = "kibanaSavedObjectMeta.searchSourceJSON.index"
    attributes = {
        "title": search.title,
        "description": search.description,
        "columns": list(search.columns),
        "sort": [[search.sort, "desc"]],
        "grid": {},
        "hideChart": True,
        "isTextBasedQuery": False,
        "timeRestore": False,
        "kibanaSavedObjectMeta": {"searchSourceJSON": _source(search.kql, indexRefName=name)},
    }
    references = [{"name": name, "type": "index-pattern", "id": _id(search.view)}]
    return _object("search", _id("search", search.id), attributes, references)


def _panel_id(board: Board, panel: Panel) -> str:
    """Return an id that outlives a change of order, of query and of place."""
    return _id(board.id, hashlib.sha256(panel.title.encode()).hexdigest()[:8])


def _lens(board: Board, panel: Panel, types: Types) -> Json:
    view = panel.view or ""
    references = [
        {
            "name": f"indexpattern-datasource-layer-{LAYER}",
            "type": "index-pattern",
            "id": _id(view),
        }
    ]
    attributes = lens(panel, view, types[view])
    attributes["title"] = f"{board.title} · {panel.title}"
    return _object("lens", _panel_id(board, panel), attributes, references)


def _board(board: Board) -> Json:
    panels: list[Json] = []
    references: list[Json] = []
    for panel in board.panels:
        shown = _panel_id(board, panel)
        x, y, width, height = panel.at
        panels.append(
            {
                "type": "search" if panel.search else "lens",
                "panelIndex": shown,
                "panelRefName": f"panel_{shown}",
                "title": panel.title,
                "gridData": {"x": x, "y": y, "w": width, "h": height, "i": shown},
                "embeddableConfig": {"enhancements": {}},
            }
        )
        references.append(
            {
                "name": f"{shown}:panel_{shown}",
                "type": "search" if panel.search else "lens",
                "id": _id("search", panel.search) if panel.search else shown,
            }
        )
    controls = dict(_controls(board))
    references += [
        {
            "name": f"controlGroup_{id_}:optionsListDataView",
            "type": "index-pattern",
            "id": _id(control.view),
        }
        for id_, control in zip(controls, board.controls, strict=True)
    ]
    attributes = {
        "title": board.title,
        "description": board.description,
        "version": 1,
        "timeRestore": True,
        "timeFrom": board.since,
        "timeTo": "now",
        "optionsJSON": _text({"useMargins": True, "hidePanelTitles": False, "syncColors": True}),
        "panelsJSON": _text(panels),
        "controlGroupInput": {
            "controlStyle": "oneLine",
            "chainingSystem": "HIERARCHICAL",
            "ignoreParentSettingsJSON": "{}",
            "panelsJSON": _text(controls),
        },
        "kibanaSavedObjectMeta": {"searchSourceJSON": _source("")},
    }
    return _object("dashboard", _id(board.id), attributes, references)


def _controls(board: Board) -> Iterator[tuple[str, Json]]:
    for order, control in enumerate(board.controls):
        id_ = f"{board.id}-{control.field}"
        yield (
            id_,
            {
                "type": "optionsListControl",
                "order": order,
                "grow": True,
                "width": "medium",
                "explicitInput": {
                    "id": id_,
                    "fieldName": control.field,
                    "title": control.label,
                    "enhancements": {},
                },
            },
        )
