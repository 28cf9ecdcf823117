"""The stages of a night in their order; one that fails is told and counted, the rest goes on."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import click

from console.night.closing import close
from console.night.keeping import keep
from console.night.looking import look
from console.night.notices import notices
from console.night.planning import Planned, Tonight
from console.night.pruning import prune
from console.watching import report
from crawlers.run import Result, SitePlan, plans_of
from crawlers.run import crawl as run_crawl
from evidence.custody import CustodyError
from evidence.days import stamp_days
from evidence.sealing import load as load_sealing
from evidence.vault import Vault, VaultError
from leads.beijing import BEIJING
from leads.faults import ConfigError, why
from leads.ledger import Ledger
from leads.nights import Night, night_id
from leads.registry import Registry
from leads.store import StoreError, open_store

log = logging.getLogger("markwatch.night")


@dataclass(frozen=True)
class Place:
    """Where the things of a night lie."""

    config: Path
    store: str
    vault: Path
    nights: Path


@dataclass
class Course:
    """A night under way: what it is to do, and what was noted so far."""

    tonight: Tonight
    plans: Sequence[Planned]
    watched: Registry
    place: Place
    ledger: Ledger
    run: str
    """Its name in the ledger."""
    began: datetime
    results: list[Result] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    shortfalls: list[str] = field(default_factory=list)
    night: Night | None = None
    """Its record, once it was kept."""

    @property
    def shard(self) -> str | None:
        """Which of several machines this is: 2/5."""
        return str(self.tonight.shard) if self.tonight.shard else None

    @property
    def campaigns(self) -> tuple[str, ...]:
        """Ids of the campaigns and fairs that are searched for."""
        causes = [one.cause for plan in self.plans for one in plan.additions]
        return tuple(dict.fromkeys(cause.partition("/")[2] for cause in causes))


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
            told = stage(course)
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
            click.echo(f"【{name}】{told}（{time.monotonic() - began:.0f} 秒）", err=True)


def _fell_short(course: Course, name: str, why: str) -> None:
    course.shortfalls.append(f"{name}：{why}")
    click.echo(f"【{name}】未完成：{why}", err=True)


def _listen() -> None:
    """Let SIGTERM end the night as Ctrl-C does; the crawl leaves handlers of its own behind."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)


def _stop(number: int, _: object) -> None:
    raise KeyboardInterrupt


def crawl(course: Course) -> str:
    """Crawl what is planned, or take up what an earlier process of this night has left."""
    wanted = {plan.site.id: plan for plan in course.plans if plan.skipped is None}
    sites = {name: plan.site for name, plan in wanted.items()}
    try:
        course.began = course.ledger.run(course.run).began
        plans = plans_of(course.ledger, course.run, sites)
        click.echo(f"接着做 {course.began.astimezone(BEIJING):%H:%M} 开始的采集", err=True)
    except KeyError:
        plans = [SitePlan(p.site, p.queries, p.recrawls) for p in wanted.values()]
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
                shard=course.shard,
                began=course.began,
                ended=datetime.now(UTC),
                campaigns=course.campaigns,
                notices=course.notices,
                shortfalls=course.shortfalls,
            )
    except (StoreError, KeyError) as failed:
        _keep_bare(course, f"统计：{failed}")
        raise
    course.night = closed.night
    return closed.without or f"{course.place.nights / closed.night.id}"


def _keep_bare(course: Course, why: str) -> None:
    """Keep the record of a night that could not be counted: it must not look as if it never was."""
    course.night = Night(
        id=night_id(course.tonight.day, course.shard),
        day=course.tonight.day,
        shard=course.shard,
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
    ("采集", crawl),
    ("补识图片", pictures),
    ("补送", deliver),
)
"""What is done for any choice of sites."""

WHOLE: Sequence[tuple[str, Callable[[Course], str]]] = (
    *SITES,
    ("提示", tell),
    ("保管链", custody),
    ("统计", finish),
    ("清理", tidy),
)
"""What a whole night goes through."""
