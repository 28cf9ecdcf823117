"""What a campaign or a fair asks a crawl for, as options of a command."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import click

from console.campaigns import named as campaign_named
from console.options import now
from console.taking import named as fair_named
from leads.beijing import BEIJING
from leads.fair import Phase
from leads.registry import Registry
from leads.seasonal import Addition, campaign_addition, fair_addition
from leads.store import open_store


def season_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--campaign ID`` and ``--fair ID``."""
    command = click.option("--fair", metavar="代号", help="按一届展会：闭幕前采其网站，之后跟踪。")(
        command
    )
    return click.option("--campaign", metavar="代号", help="按一个专项监测的网站和搜索词。")(
        command
    )


def asked_for(
    campaign: str | None, fair: str | None, watched: Registry, store: str
) -> Addition | None:
    """Return what a campaign or fair adds today; None without either.

    Raises:
        click.UsageError: both are given, there is no such entry, or nothing to visit.
        StoreError: the store that tells whom to watch after a fair cannot be opened.
    """
    if campaign and fair:
        raise click.UsageError("--campaign 和 --fair 只能写一个")
    today = now().astimezone(BEIJING).date()
    if campaign:
        return _of_campaign(campaign, watched, today)
    if fair:
        return _of_fair(fair, watched, today, store)
    return None


def _of_campaign(name: str, watched: Registry, today: date) -> Addition:
    found = campaign_named(name, watched)
    if not found.on(today, watched.desk.years):
        click.echo(f"{found.name}今天不在专项期间，仍按其搜索词采集", err=True)
    asked = campaign_addition(found, watched)
    if not asked.sites:
        raise click.UsageError(f"{found.name}的网站都没有备齐采集条件 [terms]，只能导入文件")
    return asked


def _of_fair(name: str, watched: Registry, today: date, store: str) -> Addition:
    found = fair_named(name, watched)
    phase = found.phase(today)
    if phase is Phase.OVER:
        raise click.UsageError(f"{found.name}：跟踪已于 {found.watched_until} 期满解除")
    with open_store(store) as kept:
        asked = fair_addition(found, today, watched, kept, everyone=True)
    if not asked.sites:
        raise click.UsageError(
            f"{found.name}：没有需要跟踪的参展商，或没有备齐采集条件的网站"
            if phase is Phase.AFTER
            else f"{found.name}的网站没有备齐采集条件 [terms]，请用 fair exhibitors 导入名录"
        )
    return asked
