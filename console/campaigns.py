"""Commands around campaigns: campaign list, campaign show, campaign report."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import click

from console.options import Day, config_option, now, store_option
from evidence.papers.sheets import workbook
from evidence.shown import one_line
from leads import registry
from leads.beijing import BEIJING, told
from leads.campaign import Campaign
from leads.closing import COUNTED, OUTCOME, Closing, closing
from leads.model import FINDING_ZH, TRIAGE_ZH
from leads.registry import Registry
from leads.season import Window
from leads.seasonal import ready, sites_of
from leads.store import open_store

COLUMNS = ("项目", "值", "数量", "查询语句")
WHAT_ZH = {**{what: kind.name for what, kind in COUNTED.items()}, OUTCOME: "办理结果"}
_CODES = {code.value: name for table in (FINDING_ZH, TRIAGE_ZH) for code, name in table.items()}


@click.group(short_help="专项监测")
def campaign() -> None:
    """专项监测：节日、4·26、采收季等期间，对指定的权利、用语、网站和地区加密监测。

    条目在 config/campaigns，一个文件一个专项。
    """


@campaign.command("list", short_help="列出专项监测")
@click.option("--on", "day", type=Day(), help="按哪一天（默认今天）。")
@config_option
def list_(day: date | None, config: str | None) -> None:
    """列出各专项在当年的起止日期，正在进行的标“进行中”。

    例：  markwatch campaign list --on 2027-01-20
    """
    watched, on = registry.load(config), day or _today()
    years = watched.desk.years
    for one in watched.campaigns.values():
        current = one.current(on, years)
        window = current or one.window(on.year, years)
        days = str(window) if window else "日期不明"
        click.echo(f"{one.id}　{one.name}　{days}　{_standing(window, on)}　{one.owner}")
        if why := one.season.unsure(on.year, years):
            click.echo(f"{one.name}：{why}", err=True)


def _standing(window: Window | None, day: date) -> str:
    if window is None:
        return "—"
    if window.holds(day):
        return "进行中"
    return "未开始" if day < window.first else "已结束"


@campaign.command(short_help="查看一个专项")
@click.argument("name", metavar="代号")
@click.option("--on", "day", type=Day(), help="按哪一天（默认今天）。")
@config_option
def show(name: str, day: date | None, config: str | None) -> None:
    """列出一个专项的日期、权利、网站和搜索词（按优先次序）。

    例：  markwatch campaign show spring-festival
    """
    watched, on = registry.load(config), day or _today()
    one = named(name, watched)
    years = watched.desk.years
    click.echo(f"{one.name}（{one.owner}）")
    for year in (on.year, on.year + 1):
        click.echo(f"{year} 年：{one.window(year, years) or '日期不明'}")
        if why := one.season.unsure(year, years):
            click.echo(why, err=True)
    sites = sites_of(one, watched)
    bureaus = "、".join(watched.bureaus[code].name for code in one.regions) or "全省"
    click.echo(f"频次：每 {one.every} 天一次")
    click.echo(f"地区：{bureaus}")
    click.echo(f"网站：{'、'.join(site.name for site in sites) or '无'}")
    if not any(map(ready, sites)):
        click.echo("这些网站都没有备齐采集条件 [terms]，只能导入文件", err=True)
    click.echo(f"权利：{'、'.join(right.name for right in one.watched(watched.rights))}")
    click.echo(f"来源：{one.source}{'' if one.verified else '（未核对）'}")
    queries = one.queries(watched.rights)
    click.echo(f"搜索词（{len(queries)} 个）：")
    for query in queries:
        click.echo(f"  {query}")


@campaign.command(short_help="专项总结")
@click.argument("name", metavar="代号")
@click.option("--year", type=click.IntRange(1990, 2200), help="哪一年的专项（默认最近一次）。")
@click.option("--format", "form", type=click.Choice(["table", "jsonl", "xlsx"]), default="table")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="写入文件。")
@config_option
@store_option
def report(
    name: str, year: int | None, form: str, output: Path | None, config: str | None, store: str
) -> None:
    """统计一个专项期间所见的商品、发现的线索和办理结果；每个数字都可用所附查询语句在库中核对。

    一条线索有两项发现、涉及两个市局的，分别计入。状态和办理结果为出表时的情况。

    例：  markwatch campaign report harvest-jujube --year 2026 --format xlsx -o 总结.xlsx
    """
    if form == "xlsx" and output is None:
        raise click.UsageError("xlsx 须用 -o 写入文件")
    watched = registry.load(config)
    one = named(name, watched)
    window = chosen(one, year, watched)
    sites, at = [site.id for site in sites_of(one, watched)], now()
    if not sites:
        raise click.UsageError("config/sites 中没有网络市场")
    with open_store(store, create=False) as kept:
        found = closing(one, window, sites, kept, at)
    if form == "xlsx" and output is not None:
        output.write_bytes(workbook("专项总结", COLUMNS, rows(found, watched), at))
    else:
        text = _jsonl(found) if form == "jsonl" else _table(found, watched)
        _write("".join(f"{line}\n" for line in text), output)
    if window.provisional:
        click.echo("起止日期为暂定：当年放假安排尚未录入", err=True)
    if window.last >= _today():
        click.echo("专项尚未结束，数字还会变化", err=True)


def named(name: str, watched: Registry) -> Campaign:
    """Return a campaign by its id.

    Raises:
        click.UsageError: there is none.
    """
    if name not in watched.campaigns:
        known = "、".join(watched.campaigns) or "无"
        raise click.UsageError(f"没有专项 {name}；已配置：{known}")
    return watched.campaigns[name]


def chosen(one: Campaign, year: int | None, watched: Registry) -> Window:
    """Return the campaign's days in a year; without one those that began last.

    Raises:
        click.UsageError: they are not known.
    """
    years, today = watched.desk.years, _today()
    if year is not None:
        window = one.window(year, years)
        if window is None:
            raise click.UsageError(one.season.unsure(year, years) or f"{year} 年没有这个专项")
        return window
    begun = one.begun(today, years)
    if begun is None:
        raise click.UsageError("专项还没有开始过，请用 --year 写明年份")
    return begun


def rows(found: Closing, watched: Registry) -> Iterator[tuple[str, str, str, str]]:
    """Yield the cells of :data:`COLUMNS`."""
    yield "线索", "合计", str(found.leads), found.query
    for count in found.counts:
        value = _named(count.what, count.value, watched)
        yield f"按{WHAT_ZH[count.what]}", value, str(count.leads), count.query or ""
    for site, seen in found.sites.items():
        name = watched.sites[site].name
        yield "期间在售的商品", name, str(seen.offered), ""
        yield "期间新见的商品", name, str(seen.new), ""
        yield "期间下架的商品", name, str(seen.vanished), ""
        yield "期间重新上架的商品", name, str(seen.relisted), ""


def _table(found: Closing, watched: Registry) -> Iterator[str]:
    unsure = "（暂定）" if found.provisional else ""
    yield f"{found.name}　{found.first} 至 {found.last}{unsure}　截至 {told(found.at)}"
    yield f"线索 {found.leads} 条　查询：{found.query}"
    for what, name in WHAT_ZH.items():
        counts = {c.value: c.leads for c in found.counts if c.what == what}
        if counts:
            yield f"按{name}"
            yield from _lines({_named(what, value, watched): n for value, n in counts.items()})
    for site, seen in found.sites.items():
        if any(seen.model_dump().values()):
            yield (
                f"{watched.sites[site].name}：期间在售商品 {seen.offered}，其中新见 {seen.new}；"
                f"下架 {seen.vanished}，重新上架 {seen.relisted}"
            )


def _lines(counts: Mapping[str, int]) -> Iterator[str]:
    return (f"  {name}　{count}" for name, count in counts.items())


def _jsonl(found: Closing) -> Iterator[str]:
    yield json.dumps(found.model_dump(mode="json", exclude={"counts"}), ensure_ascii=False)
    for count in found.counts:
        yield json.dumps(count.model_dump(mode="json"), ensure_ascii=False)


def _named(what: str, value: str, watched: Registry) -> str:
    """Return what officers call a value."""
    if not value:
        return "无"
    if what == "right" and value in watched.rights:
        return f"{watched.rights[value].name}（{value}）"
    if what == "city" and value in watched.bureaus:
        return watched.bureaus[value].city
    if what == "site" and value in watched.sites:
        return watched.sites[value].name
    return one_line(_CODES.get(value, value))


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


def _today() -> date:
    return now().astimezone(BEIJING).date()


COMMANDS = (campaign,)
