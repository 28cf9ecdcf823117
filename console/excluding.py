"""Commands on what is not to be shown again: exclude, exclusions."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import click

from console.options import Day, Text, config_option, now, store_option
from console.tables import aligned
from evidence.shown import one_line
from leads import registry
from leads.excluding import sampled
from leads.exclusions import (
    CODES,
    MACHINE,
    SCOPE_ZH,
    UNSURE,
    Exclusion,
    ExclusionError,
    Scope,
    check,
    expiring,
    lifted,
    listing_subject,
    made,
)
from leads.fields import Field
from leads.model import Lead, State, Triage
from leads.states import same_person
from leads.store import Store, open_store
from leads.tree import Term
from leads.triage import law_day
from matchers.engine import RULES, Engine
from pipelines.looking import sights_of

_LEAD = re.compile(r"L[0-9a-f]{12}")
_PICTURE = re.compile(r"[0-9a-f]{64}|(photos|logos)/[^/]+/.+")


@click.command(short_help="作出排除决定")
@click.option("--listing", type=Text(), help="一条商品：线索编号，或“网站代号 商品编号”。")
@click.option("--seller", type=Text(), help="一个店铺：其任一线索的编号，或卖家标识。")
@click.option("--picture", type=Text(), help="一张图片的 SHA-256，或图片库中参照图片的路径。")
@click.option("--phrase", type=Text(), help="一个词语：在它之中的名称不再视为命中。")
@click.option("--rule", type=Text(), help="一种匹配规则：其命中只供复核，不会隐藏。")
@click.option("--right", type=Text(), help="只针对这项权利（代号）。")
@click.option("--matcher", type=Text(), help="只针对这种匹配规则。")
@click.option("--code", type=Text(), help=f"原因码：{'、'.join(CODES[Triage.NONE])}。")
@click.option("--reason", required=True, type=Text(), help="理由。")
@click.option("--by", "person", required=True, type=Text(), help="决定人。")
@click.option("--second", type=Text(), help="共同决定的另一人；除单条商品外都须有。")
@click.option("--until", type=Day(), help="有效期的最后一天，最长一年；除单条商品外都须写明。")
@config_option
@store_option
def exclude(
    listing: str | None,
    seller: str | None,
    picture: str | None,
    phrase: str | None,
    rule: str | None,
    right: str | None,
    matcher: str | None,
    code: str | None,
    reason: str,
    person: str,
    second: str | None,
    until: date | None,
    config: str | None,
    store: str,
) -> None:
    """以后不再把某条商品、某店铺对某权利、某图片、某词语的命中列为线索。

    今天起采集、导入的商品即按此处理；已有而无人处理的线索在下次 rematch 时撤下，已有人工结论的
    从不改动。

    \b
    例：  markwatch exclude --seller L0123456789ab --code 授权使用 --reason 授权经销商 \\
              --by 张三 --second 李四 --until 2027-05-22
    """
    given = {
        Scope.LISTING: listing,
        Scope.SELLER: seller,
        Scope.PICTURE: picture,
        Scope.PHRASE: phrase,
        Scope.RULE: rule,
    }
    asked = {scope: subject.strip() for scope, subject in given.items() if subject}
    if len(asked) != 1:
        raise click.UsageError("请写明一个对象：--listing、--seller、--picture、--phrase 或 --rule")
    ((scope, subject),) = asked.items()
    if same_person(person, MACHINE):
        raise click.UsageError("决定人须是执法人员")
    review = scope is Scope.RULE
    if code is None and not review:
        raise click.UsageError(f"请用 --code 写明原因码：{'、'.join(CODES[Triage.NONE])}")
    with open_store(store, create=False) as kept:
        about = _about(kept, scope, subject, right)
        try:
            decided = made(
                scope,
                about.subject,
                right=about.right,
                matcher=matcher,
                effect=Triage.REVIEW if review else Triage.NONE,
                code=code or UNSURE,
                reason=reason,
                by=person,
                second=second,
                at=now(),
                until=until,
            )
            watched = registry.load(config)
            check(decided, watched.rights, watched.scoring.matchers, RULES)
        except ExclusionError as wrong:
            raise click.UsageError(str(wrong)) from wrong
        kept.exclude(decided)
    click.echo(f"已记录 {decided.id}：{_said(decided)}")


class _About(NamedTuple):
    subject: str
    right: str | None


def _about(store: Store, scope: Scope, subject: str, right: str | None) -> _About:
    """Return what an officer means, who may name a lead instead of its listing or seller."""
    if scope is Scope.PICTURE and not _PICTURE.fullmatch(subject):
        raise click.UsageError("图片请写 SHA-256（64 位十六进制），或 photos/、logos/ 下的路径")
    if scope not in (Scope.LISTING, Scope.SELLER) or not _LEAD.fullmatch(subject):
        return _About(subject, right)
    standing = store.get(subject)
    if standing is None:
        raise click.UsageError(f"没有线索 {subject}")
    lead = standing.lead
    if scope is Scope.LISTING:
        return _About(listing_subject(lead.listing), right)
    if lead.listing.seller_key is None:
        raise click.UsageError(f"线索 {subject} 没有卖家信息，不能按店铺排除")
    return _About(lead.listing.seller_key, right or lead.right)


# ---------------------------------------------------------------------------- what was decided


@click.group(invoke_without_command=True, short_help="查看、解除、抽查排除决定")
@click.option("--format", "form", type=click.Choice(["table", "jsonl"]), default="table")
@click.option("--expiring", "days", type=click.IntRange(min=0), help="只列这么多天内到期的。")
@click.option("--all", "every", is_flag=True, help="连同已解除、已到期的。")
@store_option
@click.pass_context
def exclusions(
    context: click.Context, form: str, days: int | None, every: bool, store: str
) -> None:
    """列出今天有效的排除和暂缓决定。

    例：  markwatch exclusions --expiring 30
    """
    if context.invoked_subcommand:
        return
    today = law_day(now())
    with open_store(store, create=False) as kept:
        found = list(kept.exclusions())
    if days is not None:
        found = expiring(found, today, days)
    elif not every:
        found = [one for one in found if one.in_force(today)]
    if form == "jsonl":
        for one in found:
            click.echo(one.model_dump_json())
        return
    rows = [_row(one, today) for one in found]
    for line in aligned([_HEAD, *rows]) if rows else ():
        click.echo(line)
    click.echo(f"{len(found)} 项", err=True)


_HEAD = ("编号", "范围", "对象", "权利", "规则", "原因码", "决定人", "有效至", "情形", "理由")


def _row(one: Exclusion, day: date) -> tuple[str, ...]:
    standing = "已解除" if one.lifted_at else "有效" if one.in_force(day) else "已到期"
    if one.effect is Triage.REVIEW:
        standing += "（暂缓）"
    return tuple(
        map(
            one_line,
            (
                one.id,
                SCOPE_ZH[one.scope],
                one.subject,
                one.right or "全部",
                one.matcher or "全部",
                one.code,
                "、".join(filter(None, (one.by, one.second))),
                str(one.until or "长期"),
                standing,
                one.reason,
            ),
        )
    )


@exclusions.command(short_help="解除一项排除决定")
@click.argument("id", type=Text(), metavar="编号")
@click.option("--reason", required=True, type=Text(), help="理由。")
@click.option("--by", "person", required=True, type=Text(), help="解除人。")
@store_option
def lift(id: str, reason: str, person: str, store: str) -> None:
    """从今天起不再按这项决定处理；原决定和解除都留有记录。

    例：  markwatch exclusions lift X0123456789ab --reason 授权已终止 --by 王五
    """
    with open_store(store, create=False) as kept:
        found = next((one for one in kept.exclusions() if one.id == id), None)
        if found is None:
            raise click.UsageError(f"没有排除决定 {id}")
        try:
            kept.exclude(lifted(found, by=person, reason=reason, at=now()))
        except ExclusionError as wrong:
            raise click.UsageError(str(wrong)) from wrong
    click.echo(f"已解除 {id}：{_said(found)}；其间隐去的命中在下次 rematch 时恢复")


@exclusions.command(short_help="抽查被排除的商品")
@config_option
@store_option
def sample(config: str | None, store: str) -> None:
    """列出应由另一人复查的约二十分之一：人工排除的线索，和因排除决定而未列为线索的商品。

    抽到哪些由编号和月份决定：谁来抽都一样，下个月换另一批。

    例：  markwatch exclusions sample
    """
    watched = registry.load(config)
    with open_store(store, create=False) as kept:
        lines = [*_judged(kept), *_met(kept, Engine(watched, kept.exclusions()))]
    for line in aligned(lines) if lines else ():
        click.echo(line)
    click.echo(f"{len(lines)} 条待复查", err=True)


def _judged(store: Store) -> Iterator[tuple[str, ...]]:
    """Yield the leads of the sample that people excluded."""
    today = law_day(now())
    for lead, _ in store.find(Term(Field.STATE, State.EXCLUDED.value)):
        if sampled(lead.listing, today):
            last = store.judgements(lead.id)[-1]
            told = "，".join(filter(None, (last.code, last.reason)))
            yield _line(lead, f"{last.by}排除：{told}")


def _line(lead: Lead, why: str) -> tuple[str, ...]:
    return tuple(map(one_line, (lead.id, lead.right_name, lead.listing.title[:40], why)))


def _met(store: Store, engine: Engine) -> Iterator[tuple[str, ...]]:
    """Yield the listings of the sample that an exclusion meets: matched again, they alone."""
    at = now()
    today = law_day(at)
    with click.progressbar(
        store.listings(), length=store.totals()["listings"], label="抽查", file=sys.stderr
    ) as listings:
        for listing in listings:
            if not sampled(listing, today):
                continue
            met = engine.match(listing, at, sights_of(listing, store)).exclusions
            if met:
                where = listing_subject(listing)
                yield tuple(map(one_line, (where, "、".join(met), listing.title[:40], "排除决定")))


def _said(one: Exclusion) -> str:
    effect = "命中只供复核" if one.effect is Triage.REVIEW else "命中不再列为线索"
    until = f"，至{one.until}" if one.until else ""
    limits = "、".join(filter(None, (one.right, one.matcher))) or "全部权利"
    return f"{SCOPE_ZH[one.scope]} {one_line(one.subject)}（{limits}）的{effect}{until}"


COMMANDS = (exclude, exclusions)
