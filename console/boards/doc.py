"""Writes ``docs/kibana.md``: ``python -m console.boards.doc > docs/kibana.md``."""

from __future__ import annotations

from collections.abc import Iterator

from console.boards.source import Panel, Search, Sources, load
from leads.registry import find_config

KINDS = {
    "metric": "数字",
    "bar": "柱形图",
    "line": "折线图",
    "donut": "环形图",
    "table": "表",
    "list": "清单",
}
COUNTS = {
    "count": "计数",
    "unique": "不同值",
    "average": "平均",
    "median": "中位",
    "sum": "合计",
    "min": "最小",
    "max": "最大",
}

INTRODUCTION = """\
# Kibana

The dashboards of a team that keeps its leads in Elasticsearch. They are written as small TOML files
in `config/kibana/` (`views.toml`, `searches/`, `boards/`), checked against the index when they are
built, and sent to Kibana 8.9 or newer:

```sh
export MARKWATCH_KIBANA_URL=https://kibana.example.cn MARKWATCH_KIBANA_LOGIN=user:password
markwatch kibana push --dry-run     # what would be new or change
markwatch kibana push
markwatch kibana export -o markwatch.ndjson   # or by hand: Stack Management, Saved Objects, Import
```

Objects are written in the oldest saved-object versions that can say them (data views and searches
8.0.0, visualisations and dashboards 8.9.0); Kibana migrates what it imports, so an object is known
again by the mark in its description. Nothing is rendered as HTML. Addresses from outside are stored
defanged and shown as text; the one link in each row, 办理, leads to our own console
(`MARKWATCH_CONSOLE_URL`). Codes are shown in Chinese by each data view's field formats.

What was checked: every object's references, fields and types, and the query and aggregation of
every panel on a real Elasticsearch node over the practice night. Not checked, for want of one: a
Kibana's own import and drawing. Before first use, push to a space of its own and open each
dashboard once.

Put Chinese words in quotes when searching in Kibana (`title: "老陈醋"`): without them any of the
characters will do.

This page is written by `python -m console.boards.doc`.
"""


def markdown(sources: Sources) -> Iterator[str]:
    """Yield the page line by line."""
    yield INTRODUCTION.rstrip()
    for board in sources.boards:
        yield f"\n## {board.title}\n\n{board.description}"
        if board.controls:
            yield f"\n筛选：{'、'.join(control.label for control in board.controls)}"
        yield "\n| 图表 | 回答什么 | 样式 | 统计 | 条件（KQL） |\n| --- | --- | --- | --- | --- |"
        for panel in board.panels:
            yield _row(panel, sources)
    yield "\n## 检索\n\n| 检索 | 说明 | 条件（KQL） | 列 |\n| --- | --- | --- | --- |"
    for search in sources.searches.values():
        columns = "、".join(f"`{column}`" for column in search.columns)
        yield f"| {search.title} | {search.description} | {_code(search)} | {columns} |"


def _row(panel: Panel, sources: Sources) -> str:
    if panel.search:
        search = sources.searches[panel.search]
        return f"| {panel.title} | {panel.question} | 清单 | {search.title} | {_code(search)} |"
    counted = [f"{COUNTS[m.how]} `{m.of}`" if m.of else f"{m.label}计数" for m in panel.measures]
    parts = [f"按 `{split.field}`" for split in panel.by]
    if panel.over:
        parts.insert(0, f"按时间 `{panel.over}`")
    told = "，".join((*parts, *counted))
    return f"| {panel.title} | {panel.question} | {KINDS[panel.kind]} | {told} | {_code(panel)} |"


def _code(filtered: Panel | Search) -> str:
    return f"`{filtered.kql}`" if filtered.kql else "全部"


if __name__ == "__main__":
    print("\n".join(markdown(load(find_config()))))
