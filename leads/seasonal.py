"""What campaigns and fairs add to the crawl of a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from leads.campaign import Campaign
from leads.exhibitors import plain
from leads.fair import Fair, Phase
from leads.registry import Registry
from leads.risks import watched
from leads.site import Site
from leads.store import Store

_EARLY = 30
"""Days before a fair from which on its list of exhibitors is read."""
_PUBLISHED = 11
"""The month in which the State Council publishes the calendar of the next year."""


class Addition(NamedTuple):
    """Sites to be searched for something more than on other days."""

    cause: str
    """Where it stands in the config, without ending: ``campaigns/spring-festival``."""
    name: str
    sites: tuple[str, ...]
    """Entries of ``config/sites`` that may be visited."""
    queries: tuple[str, ...]
    """In the order in which a budget should be spent; none for a fair's own site."""


def campaigns_of(
    day: date, registry: Registry, last_runs: Mapping[str, date] | None = None
) -> tuple[Addition, ...]:
    """Return what the campaigns that are due on ``day`` add, in order of id.

    Args:
        day: a day of Beijing.
        registry: what is watched.
        last_runs: when each campaign was run last, by id; one that is not there is due.
    """
    ran, years = last_runs or {}, registry.desk.years
    return tuple(
        campaign_addition(campaign, registry)
        for campaign in registry.campaigns.values()
        if campaign.due(day, ran.get(campaign.id), years)
    )


def campaign_addition(campaign: Campaign, registry: Registry) -> Addition:
    """Return what a campaign adds on any of its days."""
    return Addition(
        cause=f"campaigns/{campaign.id}",
        name=campaign.name,
        sites=tuple(site.id for site in sites_of(campaign, registry) if ready(site)),
        queries=campaign.queries(registry.rights),
    )


def watched_names(site: str, day: date, registry: Registry) -> frozenset[str]:
    """Return the names that campaigns running on ``day`` watch on a site, folded by ``plain``."""
    years = registry.desk.years
    running = [one for one in registry.campaigns.values() if one.on(day, years)]
    return frozenset(
        plain(name)
        for campaign in running
        if site in {one.id for one in sites_of(campaign, registry)}
        for right in campaign.watched(registry.rights)
        for name in right.names
    ) - {""}


def fairs_of(day: date, registry: Registry, store: Store) -> tuple[Addition, ...]:
    """Return what fairs add on ``day``, in order of id; nothing a month and more before them."""
    soon = [
        fair
        for fair in registry.fairs.values()
        if fair.first - timedelta(days=_EARLY) <= day <= fair.watched_until
    ]
    found = [fair_addition(fair, day, registry, store) for fair in soon]
    return tuple(one for one in found if one.sites)


def fair_addition(
    fair: Fair, day: date, registry: Registry, store: Store, *, everyone: bool = False
) -> Addition:
    """Return what a fair adds on ``day``.

    Before and during it its own list of exhibitors is read; afterwards all marketplaces are
    searched for the exhibitors that any lead speaks of, until they are released: for those whose
    turn it is, or ``everyone``.
    """
    cause, phase = f"fairs/{fair.id}", fair.phase(day)
    if phase is Phase.OVER:
        return Addition(cause, fair.name, (), ())
    if phase is Phase.AFTER:
        firms = [one.risk.exhibitor for one in watched(fair, store)]
        turn = [firm for firm in firms if everyone or firm.has_turn(day, fair.watch_every)]
        queries = tuple(dict.fromkeys(query for firm in turn for query in firm.queries))
        sites = tuple(market.id for market in markets(registry) if ready(market))
        return Addition(cause, fair.name, sites if queries else (), queries)
    site = registry.sites[fair.site]
    return Addition(cause, fair.name, (site.id,) if ready(site) else (), ())


def sites_of(campaign: Campaign, registry: Registry) -> tuple[Site, ...]:
    """Return the sites of a campaign: those it names, or all marketplaces, visited or not."""
    if campaign.sites:
        return tuple(registry.sites[site] for site in campaign.sites)
    return markets(registry)


def markets(registry: Registry) -> tuple[Site, ...]:
    """Return all marketplaces, visited or not."""
    return tuple(site for site in registry.sites.values() if site.kind == "market")


def ready(site: Site) -> bool:
    """Tell whether a site may be visited at all: it has terms, or is our own practice server."""
    return site.practice or site.terms is not None


def uncertain(day: date, registry: Registry) -> tuple[str, ...]:
    """Return in Chinese why days of campaigns are unsure: this year's, soon the next year's too."""
    years = (day.year, day.year + 1) if day.month >= _PUBLISHED else (day.year,)
    return tuple(
        f"{campaign.name}：{why}"
        for campaign in registry.campaigns.values()
        for year in years
        if (why := campaign.season.unsure(year, registry.desk.years))
    )
