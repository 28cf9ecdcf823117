"""The dashboards as people write them: ``config/kibana/``, one file a dashboard."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple, Self

from pydantic import Field, model_validator

from leads.entries import entries, entry
from leads.faults import ConfigError, Fault
from leads.model import Id, Record

GRID = 48
"""Columns of a Kibana dashboard."""


class View(Record):
    """A data view: which indices, and the time that the time picker means."""

    id: Id
    index: str
    """What the alias is called after the store's prefix: ``leads``."""
    name: str
    time: str | None = None
    links: tuple[str, ...] = ()
    """Fields that hold our own addresses and are shown as links; never one from outside."""


class Views(Record):
    """All data views."""

    views: tuple[View, ...]


class Measure(Record):
    """What is counted: documents, different values, or a number's average and the like."""

    how: Literal["count", "unique", "average", "median", "sum", "min", "max"] = "count"
    of: str | None = None
    """The field; none for ``count``."""
    label: str

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if (self.how == "count") == (self.of is not None):
            raise ValueError("除 count 外都要写明字段 of，count 不写")
        return self


class Split(Record):
    """One row, slice or colour for each of the most frequent values of a field."""

    field: str
    label: str
    size: int = Field(default=10, ge=1, le=100)


Values = dict[str, tuple[str, ...]]
"""Values by field; ``*`` is any value at all."""


class Filtered(Record):
    """Documents with one of the values in each field of ``where`` and in none of ``unless``."""

    where: Values = Field(default_factory=dict)
    unless: Values = Field(default_factory=dict)

    @property
    def kql(self) -> str:
        """The same in Kibana's query language."""
        wanted = [_any(field, values) for field, values in self.where.items()]
        barred = [f"not {_any(field, values)}" for field, values in self.unless.items()]
        return " and ".join(wanted + barred)


def _any(field: str, values: tuple[str, ...]) -> str:
    told = [value if value == "*" else f'"{value}"' for value in values]
    return f"{field}: {told[0]}" if len(told) == 1 else f"{field}: ({' or '.join(told)})"


class Panel(Filtered):
    """One picture or list on a dashboard."""

    title: str
    question: str
    """What an officer learns from it."""
    kind: Literal["metric", "bar", "line", "donut", "table", "list"]
    view: Id | None = None
    measures: tuple[Measure, ...] = ()
    by: tuple[Split, ...] = ()
    over: str | None = None
    """Field of time along the axis."""
    search: Id | None = None
    """The saved search that a list shows."""
    at: tuple[int, int, int, int]
    """x, y, width, height on a grid 48 wide."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.kind == "list") != (self.search is not None):
            raise ValueError("list 要写 search，其他不写")
        if self.kind != "list" and not (self.view and self.measures):
            raise ValueError("要写 view 和 measures")
        if self.kind in ("bar", "line") and not (self.over or self.by):
            raise ValueError("横轴：over 或 by 至少写一个")
        if self.kind in ("donut", "table") and not self.by:
            raise ValueError("要写 by")
        if self.kind == "metric" and (self.by or self.over or len(self.measures) != 1):
            raise ValueError("metric 只有一个 measures，没有 by 和 over")
        x, y, width, height = self.at
        if min(x, y) < 0 or width < 1 or height < 1 or x + width > GRID:
            raise ValueError(f"at 超出 {GRID} 列的网格")
        return self


class Control(Record):
    """A list to filter the whole dashboard by."""

    view: Id
    field: str
    label: str


class Board(Record):
    """A dashboard."""

    id: Id
    order: int
    """Place in the list of dashboards and in the docs."""
    title: str
    description: str
    since: str = "now-24h/h"
    """Where the time picker stands at first, in Kibana's words."""
    controls: tuple[Control, ...] = ()
    panels: tuple[Panel, ...] = Field(min_length=1)


class Search(Filtered):
    """A saved search: rows of documents."""

    id: Id
    title: str
    description: str
    view: Id
    columns: tuple[str, ...] = Field(min_length=1)
    sort: str
    """Field; the greatest first."""


class Sources(NamedTuple):
    """All that is shown in Kibana."""

    views: dict[str, View]
    searches: dict[str, Search]
    boards: tuple[Board, ...]
    """As they are ordered."""


def load(config: Path) -> Sources:
    """Read ``config/kibana``.

    Raises:
        ConfigError: with every fault: a file, a name that leads nowhere, panels that overlap.
    """
    faults: list[Fault] = []
    listed = entry(config / "kibana/views.toml", config, Views, faults)
    views = {view.id: view for view in listed.views} if listed else {}
    searches = {s.id: s for s in entries(config, "kibana/searches", Search, faults)}
    boards = sorted(entries(config, "kibana/boards", Board, faults), key=lambda b: b.order)
    for search in searches.values():
        if search.view not in views:
            faults.append(Fault(f"kibana/searches/{search.id}.toml", "view", "没有这个数据视图"))
    for board in boards:
        file = f"kibana/boards/{board.id}.toml"
        for panel in board.panels:
            if panel.search and panel.search not in searches:
                faults.append(Fault(file, panel.title, f"没有这个检索：{panel.search}"))
            if panel.view and panel.view not in views:
                faults.append(Fault(file, panel.title, f"没有这个数据视图：{panel.view}"))
        faults.extend(
            Fault(file, control.label, f"没有这个数据视图：{control.view}")
            for control in board.controls
            if control.view not in views
        )
        faults.extend(
            Fault(file, one.title, f"与“{two.title}”重叠")
            for place, one in enumerate(board.panels)
            for two in board.panels[place + 1 :]
            if _overlap(one.at, two.at)
        )
    if faults:
        raise ConfigError(faults)
    return Sources(views, searches, tuple(boards))


def _overlap(one: tuple[int, int, int, int], two: tuple[int, int, int, int]) -> bool:
    (x1, y1, w1, h1), (x2, y2, w2, h2) = one, two
    return x1 < x2 + w2 and x2 < x1 + w1 and y1 < y2 + h2 and y2 < y1 + h1
