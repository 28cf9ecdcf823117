"""What the index's fields are to Kibana: their types, and the Chinese words for their codes."""

from __future__ import annotations

from collections.abc import Iterable

from console.boards.source import Sources, View
from leads.faults import ConfigError, Fault
from leads.fields import CHOICES, Field
from leads.model import DOOR_ZH, VERDICT_ZH
from leads.registry import Registry
from leads.sighting import CHANGE_ZH
from leads.store import Part
from leads.store.elastic.mapping import fields

Types = dict[str, dict[str, str]]
"""Kibana's type of every field that can be counted or sorted by, by data view."""

Words = dict[str, dict[str, str]]
"""The words for each code, by field."""

_KIBANA = {
    "keyword": "string",
    "date": "date",
    "double": "number",
    "long": "number",
    "integer": "number",
    "byte": "number",
    "boolean": "boolean",
}
"""Kibana's types by those of the index; a text is read, never counted."""


def types(views: Iterable[View]) -> Types:
    """Return the types of the fields of each data view, those of sub-fields as ``title.raw``."""
    return {view.id: _types(fields(Part(view.index))) for view in views}


def _types(mapped: dict[str, dict[str, object]], within: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, how in mapped.items():
        if kibana := _KIBANA.get(str(how["type"])):
            found[within + name] = kibana
        inner = how.get("fields")
        if isinstance(inner, dict):
            found |= _types(inner, f"{within}{name}.")
    return found


def words(registry: Registry) -> Words:
    """Return how Kibana shows codes: cities, platforms, findings, verdicts."""
    chosen = {
        field.value: {code: names[-1] for code, names in CHOICES[field].items()}
        for field in (Field.FINDING, Field.TRIAGE, Field.KIND)
    }
    return {
        **chosen,
        "bureau": {bureau.code: bureau.city for bureau in registry.bureaus.values()},
        "site": {site.id: site.name for site in registry.sites.values()},
        "verdict": {verdict.value: zh for verdict, zh in VERDICT_ZH.items()},
        "door": {str(door): zh for door, zh in DOOR_ZH.items()},
        "change": {change.value: zh for change, zh in CHANGE_ZH.items()},
    }


def check(sources: Sources, known: Types) -> None:
    """Hold every field that a panel, a control or a search names against the index.

    Raises:
        ConfigError: a field is not there, or cannot be counted, averaged or sorted by.
    """
    faults = []
    for search in sources.searches.values():
        file, mapped = f"kibana/searches/{search.id}.toml", fields(_part(sources, search.view))
        asked = [(field, field in mapped) for field in search.columns]
        asked += [(field, field in known[search.view]) for field in (*search.where, search.sort)]
        asked += [(field, field in known[search.view]) for field in search.unless]
        faults += [Fault(file, field, "索引里没有这个字段") for field, there in asked if not there]
    for board in sources.boards:
        file = f"kibana/boards/{board.id}.toml"
        for control in board.controls:
            if control.field not in known[control.view]:
                faults.append(Fault(file, control.field, "不能按这个字段筛选"))
        for panel in board.panels:
            there = known[panel.view] if panel.view else {}
            named = [*panel.where, *panel.unless, *(split.field for split in panel.by)]
            named += [measure.of for measure in panel.measures if measure.of]
            faults += [
                Fault(file, f"{panel.title} {field}", "索引里没有这个字段，或不能按它统计")
                for field in named
                if panel.view and field not in there
            ]
            faults += [
                Fault(file, f"{panel.title} {measure.of}", f"不是数字，不能求 {measure.how}")
                for measure in panel.measures
                if measure.of and not _fits(measure.how, there.get(measure.of))
            ]
            if panel.over and there.get(panel.over) != "date":
                faults.append(Fault(file, f"{panel.title} {panel.over}", "不是时间"))
    if faults:
        raise ConfigError(faults)


def _part(sources: Sources, view: str) -> Part:
    return Part(sources.views[view].index)


def _fits(how: str, kibana: str | None) -> bool:
    if how in ("min", "max"):
        return kibana in ("number", "date")
    return how == "unique" or kibana == "number"
