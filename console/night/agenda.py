"""The plan of a night as a table for people, or as JSON lines for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from console.night.planning import Planned, Tonight
from console.tables import aligned
from leads.beijing import told

COLUMNS = ("网站", "名称", "搜索词", "再看商品", "余页", "专项和展会")
FIRST = 6
"""Searches that are named in the table."""


def table(plans: Sequence[Planned], tonight: Tonight) -> Iterator[str]:
    """Yield the lines of the table; below it what is skipped, and why."""
    shard = f"，分片 {tonight.shard}" if tonight.shard else ""
    yield f"{tonight.day} 夜间采集计划{shard}（{told(tonight.at)}）"
    going = [plan for plan in plans if plan.skipped is None]
    if going:
        yield from aligned([COLUMNS, *map(_row, going)])
    for plan in going:
        if plan.queries:
            first = "、".join(query or "（全部）" for query in plan.queries[:FIRST])
            more = f" 等 {len(plan.queries)} 个" if len(plan.queries) > FIRST else ""
            yield f"  {plan.site.name}先搜：{first}{more}"
    for plan in plans:
        if plan.skipped is not None:
            yield f"  不采集 {plan.site.id}（{plan.site.name}）：{plan.skipped}"
    searches = sum(len(plan.queries) for plan in going)
    again = sum(len(plan.recrawls) for plan in going)
    yield f"共 {len(going)} 个网站，{searches} 次搜索，再看 {again} 条商品"


def _row(plan: Planned) -> tuple[str, ...]:
    held = len(plan.recrawls)
    return (
        plan.site.id,
        plan.site.name,
        str(len(plan.queries)) if plan.site.kind == "market" else "参展商名录",
        str(held) if held == plan.due else f"{held}（到期 {plan.due}）",
        "不限" if plan.pages is None else str(plan.pages),
        "、".join(one.name for one in plan.additions) or "—",
    )


def jsonl(plans: Sequence[Planned]) -> Iterator[str]:
    """Yield one JSON object a site."""
    for plan in plans:
        record = {
            "site": plan.site.id,
            "name": plan.site.name,
            "skipped": plan.skipped,
            "queries": plan.queries,
            "recrawls": [due.ref for due in plan.recrawls],
            "due": plan.due,
            "pages": plan.pages,
            "causes": [one.cause for one in plan.additions],
        }
        yield json.dumps(record, ensure_ascii=False)
