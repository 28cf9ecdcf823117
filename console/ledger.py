"""The 工作台账: one row a lead, as it stood at the end of a day; persons are masked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from evidence.masks import masked, masked_listing
from leads.beijing import told
from leads.clocks import runs
from leads.model import Judgement, Lead, Seller
from leads.registry import Registry
from leads.routing import kinds

COLUMNS = (
    "线索编号", "发现时间", "平台", "店铺", "商品", "网址", "涉及权利", "状态", "责任单位",
    "最近处理", "处理人", "原因码", "处理说明", "期限", "到期日", "是否超期",
)  # fmt: skip


def rows(
    leads: Mapping[str, Lead],
    known: Mapping[str, Sequence[Judgement]],
    watched: Registry,
    day: date,
) -> Iterator[tuple[str, ...]]:
    """Yield the cells of :data:`COLUMNS` for each lead of ``known``, in order of id."""
    names = {
        **{one.id: one.name for one in watched.desk.recipients.values()},
        **{one.code: one.name for one in watched.bureaus.values()},
    }
    for lead_id in sorted(known):
        history = known[lead_id]
        to = next((j.to for j in reversed(history) if j.to), None)
        yield (
            *_about(leads[lead_id]),
            history[-1].state.value,
            names.get(to, to) if to else "",
            *_last(history[-1]),
            *_due(history, watched, day),
        )


def _about(lead: Lead) -> tuple[str, ...]:
    listing = masked_listing(lead.listing)
    seller = listing.seller or Seller()
    return (
        lead.id,
        told(lead.found_at),
        listing.site or "",
        seller.name or seller.company or "",
        listing.title,
        listing.url or "",
        lead.right_name,
    )


def _last(judgement: Judgement) -> tuple[str, ...]:
    return (
        told(judgement.at),
        judgement.by,
        judgement.code or "",
        masked(judgement.reason),
    )


def _due(history: Sequence[Judgement], watched: Registry, day: date) -> tuple[str, str, str]:
    """Return the term that ends first of those running, its last day, and whether that is over."""
    desk = watched.desk
    found = [
        run
        for run in runs(history, desk.clocks.values(), desk.years, kinds(watched))
        if run.ended is None
    ]
    if not found:
        return "", "", ""
    first = min(found, key=lambda run: (run.due is None, run.due or day))
    if first.due is None:
        return first.clock.name, "暂停中", "否"
    unsure = "（暂定）" if first.provisional else ""
    return first.clock.name, f"{first.due_told}{unsure}", "是" if first.overdue(day) else "否"
