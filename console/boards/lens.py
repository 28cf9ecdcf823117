"""Turns a panel into the state of a Lens visualisation, in the shape Kibana 8.9 had."""

from __future__ import annotations

from typing import Any

from console.boards.source import Measure, Panel, Split

LAYER = "layer"
Json = dict[str, Any]


def lens(panel: Panel, view: str, types: dict[str, str]) -> Json:
    """Return the attributes of a ``lens`` object; ``view`` is the id of its data view.

    ``types`` gives the Kibana type (string, number, date, boolean) of each field.
    """
    columns: Json = {}
    if panel.over:
        columns["time"] = _histogram(panel.over)
    for place, split in enumerate(panel.by):
        columns[f"by{place}"] = _terms(split, types[split.field])
    for place, measure in enumerate(panel.measures):
        columns[f"measure{place}"] = _measure(measure, types)
    return {
        "title": panel.title,
        "description": panel.question,
        "visualizationType": _TYPES[panel.kind],
        "state": {
            "datasourceStates": {
                "formBased": {
                    "layers": {
                        LAYER: {
                            "columnOrder": list(columns),
                            "columns": columns,
                            "incompleteColumns": {},
                            "ignoreGlobalFilters": False,
                            "sampling": 1,
                        }
                    }
                }
            },
            "visualization": _SHAPES[panel.kind](panel),
            "query": {"language": "kuery", "query": panel.kql},
            "filters": [],
            "internalReferences": [],
            "adHocDataViews": {},
        },
    }


def _histogram(field: str) -> Json:
    return {
        "label": "时间",
        "customLabel": True,
        "dataType": "date",
        "isBucketed": True,
        "operationType": "date_histogram",
        "scale": "interval",
        "sourceField": field,
        "params": {"interval": "auto", "includeEmptyRows": True, "dropPartials": False},
    }


def _terms(split: Split, type_: str) -> Json:
    return {
        "label": split.label,
        "customLabel": True,
        "dataType": type_,
        "isBucketed": True,
        "operationType": "terms",
        "scale": "ordinal",
        "sourceField": split.field,
        "params": {
            "size": split.size,
            "orderBy": {"type": "column", "columnId": "measure0"},
            "orderDirection": "desc",
            "otherBucket": True,
            "missingBucket": False,
            "parentFormat": {"id": "terms"},
            "include": [],
            "exclude": [],
            "includeIsRegex": False,
            "excludeIsRegex": False,
        },
    }


_OPERATIONS = {"unique": "unique_count"}


def _measure(measure: Measure, types: dict[str, str]) -> Json:
    dated = measure.how in ("min", "max") and types[measure.of or ""] == "date"
    return {
        "label": measure.label,
        "customLabel": True,
        "dataType": "date" if dated else "number",
        "isBucketed": False,
        "operationType": _OPERATIONS.get(measure.how, measure.how),
        "scale": "ratio",
        "sourceField": measure.of or "___records___",
        "params": {"emptyAsNull": False},
    }


def _measures(panel: Panel) -> list[str]:
    return [f"measure{place}" for place in range(len(panel.measures))]


def _metric(_: Panel) -> Json:
    return {"layerId": LAYER, "layerType": "data", "metricAccessor": "measure0"}


def _xy(panel: Panel) -> Json:
    """Time or the first split lies along the axis; a split beside it gives the colours."""
    if panel.over:
        axis, colours = "time", [f"by{place}" for place in range(len(panel.by))]
        series = "line" if panel.kind == "line" else "bar_stacked"
    else:
        axis, colours = "by0", [f"by{place}" for place in range(1, len(panel.by))]
        series = "line" if panel.kind == "line" else "bar_horizontal_stacked"
    layer: Json = {
        "layerId": LAYER,
        "layerType": "data",
        "seriesType": series,
        "xAccessor": axis,
        "accessors": _measures(panel),
    }
    if colours:
        layer["splitAccessor"] = colours[0]
    return {
        "layers": [layer],
        "preferredSeriesType": series,
        "legend": {"isVisible": True, "position": "right"},
        "valueLabels": "show",
        "fittingFunction": "None",
        "axisTitlesVisibilitySettings": {"x": False, "yLeft": False, "yRight": False},
    }


def _pie(panel: Panel) -> Json:
    return {
        "shape": "donut",
        "layers": [
            {
                "layerId": LAYER,
                "layerType": "data",
                "primaryGroups": [f"by{place}" for place in range(len(panel.by))],
                "metrics": _measures(panel),
                "numberDisplay": "value",
                "categoryDisplay": "default",
                "legendDisplay": "default",
                "nestedLegend": False,
            }
        ],
    }


def _table(panel: Panel) -> Json:
    groups = [f"by{place}" for place in range(len(panel.by))]
    return {
        "layerId": LAYER,
        "layerType": "data",
        "columns": [{"columnId": column} for column in [*groups, *_measures(panel)]],
        "paging": {"enabled": True, "size": 10},
    }


_TYPES = {
    "metric": "lnsMetric",
    "bar": "lnsXY",
    "line": "lnsXY",
    "donut": "lnsPie",
    "table": "lnsDatatable",
}
_SHAPES = {"metric": _metric, "bar": _xy, "line": _xy, "donut": _pie, "table": _table}
