"""Commands around handing leads over: route, overdue, report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

import click

from console import ledger
from console.options import Day, Text, config_option, now, store_option
from evidence.papers.sheets import workbook
from evidence.shown import one_line
from leads import registry
from leads.beijing import BEIJING
from leads.clocks import Run, runs
from leads.fields import Field
from leads.figures import Figures, Found, Period, as_of, figures
from leads.model import Judgement, State
from leads.recipients import RECIPIENT_ZH
from leads.routing import kinds, suggestions
from leads.sighting import Sighting
from leads.store import Part, Standing, Store, open_store
from leads.tree import Not, Query, Term

_JUDGED: Query = Not(Term(Field.STATE, State.NEW.value))


def _today() -> date:
    return now().astimezone(BEIJING).date()


@click.command(short_help="建议收件单位")
@click.argument("ids", nargs=-1, required=True, type=Text(), metavar="线索编号...")
@click.option("--on", "day", type=Day(), help="按哪一天有效的协议和标准（默认今天）。")
@config_option
@store_option
def route(ids: tuple[str, ...], day: date | None, config: str | None, store: str) -> int:
    """列出可能有权处理的单位，最有把握的在前，并说明理由；供承办人员选择，不代替判断。

    例：  markwatch route L0123456789ab
    """
    watched = registry.load(config)
    short = 0
    with open_store(store, create=False) as kept:
        for one in dict.fromkeys(ids):
            standing = kept.get(one)
            if standing is None:
                click.echo(f"没有线索 {one}", err=True)
                short = 1
                continue
            click.echo(f"{one}　{standing.state}　{one_line(standing.lead.listing.title)[:60]}")
            found = suggestions([standing.lead], watched, day or _today())
            for number, (recipient, reasons) in enumerate(found, 1):
                unchecked = "" if recipient.verified else "（名称未核对）"
                kind = RECIPIENT_ZH[recipient.kind]
                click.echo(f"  {number}. {recipient.name}（{recipient.id}，{kind}）{unchecked}")
                for reason in reasons:
                    click.echo(f"       {one_line(reason)}")
    return short


@click.command(short_help="列出超期线索")
@click.option("--on", "day", type=Day(), help="按哪一天计算（默认今天）。")
@click.option(
    "--soon", type=click.IntRange(min=0), default=0, metavar="天数", help="另列这么多天内到期的。"
)
@config_option
@store_option
def overdue(day: date | None, soon: int, config: str | None, store: str) -> int:
    """列出超过期限的线索，最早到期的在前；有超期的退出码为 1。

    年度放假安排尚未公布的，期限标“暂定”。

    例：  markwatch overdue --soon 3
    """
    watched, today = registry.load(config), day or _today()
    at = day or now()
    if not watched.desk.clocks:
        raise click.UsageError("配置中没有期限（clocks 文件夹）")
    with open_store(store, create=False) as kept:
        running = list(ending(kept, watched, today, soon))
    late = 0
    for standing, run in running:
        if not (over := run.overdue(at)) and not soon:
            continue
        late += over
        click.echo(due_line(standing, run, at))
    click.echo(f"超期 {late} 项（{today}）", err=True)
    return int(bool(late))


def ending(
    store: Store, watched: registry.Registry, today: date, soon: int
) -> Iterator[tuple[Standing, Run]]:
    """Yield the terms that ended before ``today`` or end within ``soon`` days, the first first."""
    clocks, years = watched.desk.clocks.values(), watched.desk.years
    known = histories(store)
    leads = leads_of(store, known)
    found = [
        (run.due, lead, run)
        for lead, history in known.items()
        for run in runs(history, clocks, years, kinds(watched))
        if run.ended is None and run.due and (run.due - today).days <= soon
    ]
    for _, lead, run in sorted(found, key=lambda one: one[:2]):
        yield leads[lead], run


def due_line(standing: Standing, run: Run, at: date) -> str:
    """Return in Chinese which term of which lead ends when, seen from a day or a moment."""
    lead, state = standing
    days = run.days_over(at)
    told = f"超期 {days} 天" if days > 0 else "已超期" if run.overdue(at) else f"还有 {-days} 天"
    unsure = "，暂定" if run.provisional else ""
    unchecked = "" if run.clock.verified else "（依据未核对）"
    return (
        f"{lead.id}　{state}　{run.clock.name}期限 {run.due_told}{unsure}，{told}　"
        f"自 {run.since} 起 {run.clock.length} {run.clock.unit}，{run.clock.article}{unchecked}　"
        f"{one_line(lead.listing.title)[:30]}"
    )


@click.command(short_help="统计报表和工作台账")
@click.option("--from", "first", type=Day(), required=True, help="第一天。")
@click.option("--to", "last", type=Day(), required=True, help="最后一天。")
@click.option("--json", "as_json", is_flag=True, help="输出一行 JSON。")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="另存工作台账（xlsx）：期末在库并已有人处理的每条线索一行。",
)
@config_option
@store_option
def report(
    first: date, last: date, as_json: bool, output: Path | None, config: str | None, store: str
) -> int:
    """统计一段时间的办理情况；只按人工记录的先后计算，已结束的期间再算一次结果相同。

    例：  markwatch report --from 2026-10-01 --to 2026-12-31 -o 台账.xlsx
    """
    if last < first:
        raise click.UsageError(f"--to（{last}）早于 --from（{first}）")
    watched, period = registry.load(config), Period(first, last)
    with open_store(store, create=False) as kept:
        known = as_of(histories(kept), period.ended)
        leads = {lead: standing.lead for lead, standing in leads_of(kept, known).items()}
        seen: dict[tuple[str, str], list[Sighting]] = defaultdict(list)
        for sighting in kept.sightings():
            seen[sighting.site, sighting.ref].append(sighting)
    counted = figures(known, leads, seen, watched.desk, kinds(watched), period)
    if as_json:
        click.echo(counted.model_dump_json())
    else:
        click.echo("\n".join(_told(counted, _names(watched))))
    if last >= _today():
        click.echo("期间尚未结束，数字还会变化", err=True)
    if output:
        rows = ledger.rows(leads, known, watched, period.last)
        book = workbook("工作台账", ledger.COLUMNS, rows, period.ended)
        output.write_bytes(book)
        click.echo(f"工作台账：{output}（{len(known)} 条）", err=True)
    return 0


def leads_of(store: Store, ids: Iterable[str]) -> dict[str, Standing]:
    """Return leads by id; a judgement's lead is never dropped."""
    judged = {standing.lead.id: standing for standing in store.find(_JUDGED)}
    found = {one: judged.get(one) or store.get(one) for one in ids}
    return {one: standing for one, standing in found.items() if standing}


def histories(store: Store) -> dict[str, list[Judgement]]:
    """Return all judgements by lead, oldest first."""
    found: dict[str, list[Judgement]] = defaultdict(list)
    for entry in store.read(Part.JUDGEMENTS):
        if isinstance(entry.record, Judgement):
            found[entry.record.lead].append(entry.record)
    return found


def _names(watched: registry.Registry) -> dict[str, str]:
    """Return the names of recipients by id."""
    return {
        **{one.id: one.name for one in watched.desk.recipients.values()},
        **{one.code: one.name for one in watched.bureaus.values()},
    }


def _told(of: Figures, names: Mapping[str, str]) -> Iterator[str]:
    yield f"{of.first} 至 {of.last}"
    yield from _block("进入各状态的线索", of.entered)
    yield from _block("原因码", of.codes)
    yield from _block("交给", {names.get(to, to): n for to, n in of.handed.items()})
    yield from _block("期末所处状态", of.standing)
    yield "期限（按期／逾期完成／期末超期）"
    yield from (f"  {name}　{k.in_time}／{k.late}／{k.overdue}" for name, k in of.clocks.items())
    for title, found in (("按权利", of.rights), ("按平台", of.sites)):
        yield f"{title}（提请审批／排除，占比）"
        yield from (f"  {one_line(name)}　{_share(one)}" for name, one in found.items())
    notices = of.notices
    hours = f"，从通知到发现下架的中位时间 {notices.hours} 小时" if notices.hours else ""
    yield (
        f"平台通知 {notices.sent} 条，其后下架 {notices.vanished} 条，"
        f"重新上架 {notices.relisted} 条{hours}"
    )


def _block(title: str, counts: Mapping[str, int]) -> Iterator[str]:
    yield title
    yield from (f"  {name}　{count}" for name, count in counts.items() or [("无", 0)])


def _share(found: Found) -> str:
    all_ = found.held + found.excluded
    return f"{found.held}／{found.excluded}，{found.held / all_:.0%}"


COMMANDS = (overdue, report, route)
