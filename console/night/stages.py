"""The stages of a night in their order; one that fails is told and counted, the rest goes on."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import click

from console.night.agenda import table
from console.night.closing import close
from console.night.course import Course, planned
from console.night.keeping import keep
from console.night.looking import look
from console.night.notices import notices
from console.night.pruning import prune
from console.watching import report
from crawlers.run import SitePlan, plans_of
from crawlers.run import crawl as run_crawl
from evidence.custody import CustodyError
from evidence.days import stamp_days
from evidence.sealing import load as load_sealing
from evidence.vault import Vault, VaultError
from leads.beijing import BEIJING, told
from leads.faults import ConfigError, why
from leads.nights import Night
from leads.store import StoreError, open_store

log = logging.getLogger("markwatch.night")


class Short(Exception):
    """A stage did what it could and fell short; the message says in Chinese of what."""


def go_through(course: Course, stages: Iterable[tuple[str, Callable[[Course], str]]]) -> None:
    """Do one stage after the other; what fell short is noted, in Chinese.

    Raises:
        KeyboardInterrupt: stopped by Ctrl-C or SIGTERM; what was done is kept.
    """
    for name, stage in stages:
        _listen()
        began = time.monotonic()
        click.echo(f"【{name}】", err=True)
        try:
            did = stage(course)
        except (Short, StoreError, VaultError, CustodyError, ConfigError) as failed:
            _fell_short(course, name, str(failed))
        except OSError as failed:
            _fell_short(course, name, f"{failed.filename or '文件'}：{why(failed)}")
        except click.Abort:
            raise
        except Exception as failed:  # a fault of ours must not cost the stages after it
            log.exception("%s", name)
            _fell_short(course, name, f"程序出错（{type(failed).__name__}），详见日志")
        else:
            click.echo(f"【{name}】{did}（{time.monotonic() - began:.0f} 秒）", err=True)


def _fell_short(course: Course, name: str, why: str) -> None:
    course.shortfalls.append(f"{name}：{why}")
    click.echo(f"【{name}】未完成：{why}", err=True)


def _listen() -> None:
    """Let SIGTERM end the night as Ctrl-C does; the crawl leaves handlers of its own behind."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)


def _stop(number: int, _: object) -> None:
    raise KeyboardInterrupt


def make_plan(course: Course) -> str:
    """Plan the night, and say what is planned."""
    course.plans = planned(course.tonight, course.watched, course.place, course.ledger)
    for line in table(course.plans, course.tonight):
        click.echo(line, err=True)
    return f"{sum(plan.skipped is None for plan in course.plans)} 个网站"


def crawl(course: Course) -> str:
    """Crawl what is planned, or take up what an earlier process of this night has left."""
    going = [plan for plan in course.plans if plan.skipped is None]
    plans = [SitePlan(plan.site, plan.queries, plan.recrawls) for plan in going]
    if course.ledger.number(course.run):
        sites = {plan.site.id: plan.site for plan in course.plans}
        plans = plans_of(course.ledger, course.run, sites)
        began = course.ledger.run(course.run).began.astimezone(BEIJING)
        click.echo(f"接着 {told(began)} 开始的采集", err=True)
    if not plans:
        raise Short("没有一个网站可以采集，原因见计划")
    course.results = run_crawl(
        plans,
        config=str(course.place.config),
        store=course.place.store,
        vault=str(course.place.vault),
        ledger=course.ledger,
        run=course.run,
        schedule=course.watched.schedule,
    )
    course.began = course.ledger.run(course.run).began
    report(course.results)
    seen = sum(one.listings + one.unchanged for one in course.results)
    return f"{len(plans)} 个网站，{seen} 条商品"


def pictures(course: Course) -> str:
    """Look at pictures that the crawl had no time for."""
    with open_store(course.place.store) as store:
        config, vault = course.place.config, course.place.vault
        looked = look(course.ledger, course.run, store, course.watched, config, vault)
    if looked.left:
        course.notices.append(
            f"{looked.left} 条商品的图片尚未识别，下一夜或用 markwatch rematch --pictures 补做"
        )
    return f"{looked.done} 条商品，余 {looked.left} 条"


def deliver(course: Course) -> str:
    """Send what the store could not take: opening it sends what earlier processes have left."""
    open_store(course.place.store).close()
    return "没有未送达的内容"


def tell(course: Course) -> str:
    """Note what an officer should be told."""
    with open_store(course.place.store) as store:
        day, began = course.tonight.day, course.began
        found = list(notices(store, course.watched, day, began, datetime.now(UTC)))
    course.notices += found
    return f"{len(found)} 项"


def custody(course: Course) -> str:
    """Check the custody log, and stamp the end of each day that is over."""
    chain = Vault(course.place.vault).custody
    chain.check()
    sealing = load_sealing(course.place.config)
    today = datetime.now(BEIJING).date()
    stamped, fault = stamp_days(chain, today, sealing.authorities)
    if fault:
        raise Short(f"时间戳未成功：{fault}")
    return f"完好，为 {len(stamped)} 天的末端加盖了时间戳"


def finish(course: Course) -> str:
    """Count the night, hold back floods, write its record and report."""
    try:
        with open_store(course.place.store) as store:
            closed = close(
                course.results,
                store,
                course.watched,
                folder=course.place.nights,
                day=course.tonight.day,
                shard=course.tonight.part,
                began=course.began,
                ended=datetime.now(UTC),
                campaigns=course.campaigns,
                notices=course.notices,
                shortfalls=course.shortfalls,
            )
    except Exception as failed:  # whatever it was, the night must not look as if it never had been
        known = isinstance(failed, StoreError)
        _keep_bare(course, f"统计：{failed if known else '程序出错，详见日志'}")
        raise
    course.night = closed.night
    return closed.without or f"{course.place.nights / closed.night.id}"


def _keep_bare(course: Course, why: str) -> None:
    """Keep the record of a night that could not be counted."""
    course.night = Night(
        id=course.tonight.id,
        day=course.tonight.day,
        shard=course.tonight.part,
        began=course.began,
        ended=datetime.now(UTC),
        campaigns=course.campaigns,
        notices=tuple(course.notices),
        shortfalls=(*course.shortfalls, why),
    )
    keep(course.place.nights, course.night, [])


def tidy(course: Course) -> str:
    """Remove what is older than the schedule keeps."""
    removed = prune(course.place.nights, course.tonight.day, course.watched.schedule.keep.nights)
    return f"清除 {len(removed)} 夜的旧记录"


SITES: Sequence[tuple[str, Callable[[Course], str]]] = (
    ("计划", make_plan),
    ("采集", crawl),
    ("补识图片", pictures),
    ("补送", deliver),
)
"""What is done for any choice of sites."""

MORNING: Sequence[tuple[str, Callable[[Course], str]]] = (
    ("提示", tell),
    ("保管链", custody),
    ("统计", finish),
    ("清理", tidy),
)
"""What ends a night of all sites."""

WHOLE = (*SITES, *MORNING)
