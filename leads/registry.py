"""The config folder as typed, cross-checked objects; one error names every fault.

A folder is a registry, a file an entry, its stem the id:

``rights/<id>.toml``, ``users/<right id>.csv``, ``bureaus/<code>.toml``, ``laws/<id>.toml``,
``sites/<id>.toml``, ``scoring.toml``; ``campaigns/<id>.toml``, ``fairs/<id>.toml`` and
``schedule.toml``, where there are any; what :mod:`leads.desk` reads besides.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field

from leads.campaign import Campaign
from leads.desk import Desk, read_desk
from leads.districts import Districts
from leads.entries import entries, entry, optional
from leads.entries import users as read_users
from leads.fair import Fair
from leads.faults import ConfigError, Fault
from leads.model import (
    AuthorisedUser,
    Bureau,
    Dated,
    DefenceCode,
    Finding,
    Id,
    Provision,
    Record,
    Right,
    RightKind,
    Triage,
)
from leads.schedule import Schedule
from leads.site import Site

__all__ = ["ConfigError", "Fault", "Registry", "Scoring", "Site", "find_config", "load"]


class Article(Record):
    """One provision of a law and the findings it speaks to."""

    article: str = Field(min_length=1)
    """第五十七条第（一）项."""
    findings: tuple[Finding, ...] = Field(min_length=1)
    summary: str = Field(min_length=1)
    """What it forbids, in our own words."""


class Law(Dated):
    """A law in one version, with the days it is in force."""

    id: Id
    title: str = Field(min_length=1)
    """Name as cited between 《》."""
    version: str = Field(min_length=1)
    """2019年修正."""
    verified: bool = False
    """True only when the text was read."""
    source: str | None = None
    note: str | None = None
    """What an officer must still check, such as a day of entry into force from memory."""
    provisions: tuple[Article, ...] = Field(min_length=1)


class Scoring(Record):
    """What a hit is worth, and from which score a lead or a review follows."""

    lead: Annotated[float, Field(gt=0, le=1)]
    review: Annotated[float, Field(gt=0, le=1)]
    wide: Annotated[float, Field(gt=0, le=1)] = 0.12
    """From which score on an investigation shows hits too weak for a night (``--wide``)."""
    matchers: Mapping[str, Annotated[float, Field(ge=0, le=1)]]
    """Weight by matcher; a matcher without one does not run."""
    defences: Mapping[DefenceCode, Triage]
    """How far a defence lowers a hit: to ``review``, or to ``none``."""


class Registry(Record):
    """Everything below ``config/``, typed and cross-checked."""

    rights: Mapping[str, Right]
    users: Mapping[str, tuple[AuthorisedUser, ...]]
    """Authorised users by right id."""
    bureaus: Mapping[str, Bureau]
    laws: Mapping[str, Law]
    sites: Mapping[str, Site]
    scoring: Scoring
    desk: Desk = Desk()
    campaigns: Mapping[str, Campaign] = {}
    fairs: Mapping[str, Fair] = {}
    schedule: Schedule = Schedule()

    def provisions(self, finding: Finding, day: date) -> tuple[Provision, ...]:
        """Return the provisions on ``finding`` that are in force on ``day``, in order of law id."""
        return tuple(
            Provision(
                id=f"{law.id}#{article.article}",
                article=f"《{law.title}》（{law.version}）{article.article}",
                verified=law.verified,
            )
            for law, article in self._articles.get(finding, ())
            if law.in_force(day)
        )

    @cached_property
    def _articles(self) -> dict[Finding, list[tuple[Law, Article]]]:
        found: dict[Finding, list[tuple[Law, Article]]] = {}
        for law in self.laws.values():
            for article in law.provisions:
                for finding in article.findings:
                    found.setdefault(finding, []).append((law, article))
        return found

    @property
    def cities(self) -> dict[str, str]:
        """City and county names with their bureau's code; a name of two counties is left out."""
        counties = [
            (name, bureau.code) for bureau in self.bureaus.values() for name in bureau.counties
        ]
        often = Counter(name for name, _ in counties)
        return {
            **{name: code for name, code in counties if often[name] == 1},
            **{bureau.city: bureau.code for bureau in self.bureaus.values()},
        }

    def bureau_of(self, place: str | None) -> Bureau | None:
        """Return the city bureau whose city or county is named in ``place``, else None.

        How a place is read: :meth:`leads.districts.Districts.of`.
        """
        return self._districts.of(place) if place else None

    @cached_property
    def _districts(self) -> Districts:
        return Districts(self.bureaus.values())


def find_config(folder: str | os.PathLike[str] | None = None) -> Path:
    """Return the config folder: the one given, ``$MARKWATCH_CONFIG``, ``./config``, or the shipped.

    Raises:
        ConfigError: the folder given does not exist.
    """
    named = folder or os.environ.get("MARKWATCH_CONFIG")
    if named:
        if not Path(named).is_dir():
            raise ConfigError([Fault(str(named), "", "没有这个文件夹")])
        return Path(named)
    here = Path("config")
    checkout = Path(__file__).parent.parent / "config"
    shipped = Path(__file__).parent / "config"
    return next((p for p in (here, checkout, shipped) if (p / "scoring.toml").is_file()), here)


def load(folder: str | os.PathLike[str] | None = None) -> Registry:
    """Read and cross-check the config folder.

    Raises:
        ConfigError: with every fault as file, field, reason.
    """
    root = find_config(folder)
    faults: list[Fault] = []
    rights = {r.id: r for r in entries(root, "rights", Right, faults)}
    bureaus = {b.code: b for b in entries(root, "bureaus", Bureau, faults, key="code")}
    laws = {law.id: law for law in entries(root, "laws", Law, faults)}
    sites = {s.id: s for s in entries(root, "sites", Site, faults)}
    users = dict(read_users(root, faults))
    scoring = entry(root / "scoring.toml", root, Scoring, faults)
    desk = read_desk(root, faults)
    campaigns = {c.id: c for c in optional(root, "campaigns", Campaign, faults)}
    fairs = {f.id: f for f in optional(root, "fairs", Fair, faults)}
    schedule = None
    if (root / "schedule.toml").exists():
        schedule = entry(root / "schedule.toml", root, Schedule, faults)

    faults.extend(_crossed(root, rights, users, bureaus))
    faults.extend(_campaigns_crossed(root, campaigns.values()))
    faults.extend(_fairs_crossed(root, fairs.values(), sites))
    if faults or scoring is None:
        raise ConfigError(faults)
    return Registry(
        rights=rights,
        users=users,
        bureaus=bureaus,
        laws=laws,
        sites=sites,
        scoring=scoring,
        desk=desk,
        campaigns=campaigns,
        fairs=fairs,
        schedule=schedule or Schedule(),
    )


def _crossed(
    root: Path,
    rights: Mapping[str, Right],
    users: Mapping[str, tuple[AuthorisedUser, ...]],
    bureaus: Mapping[str, Bureau],
) -> Iterator[Fault]:
    """Yield what no entry shows alone; one that is there but broken has been reported already."""
    for right in rights.values():
        file = f"rights/{right.id}.toml"
        if right.bureau and not (root / f"bureaus/{right.bureau}.toml").exists():
            yield Fault(file, "bureau", f"没有 bureaus/{right.bureau}.toml")
        for field, pictures in (("photos", right.photos), ("logos", right.logos)):
            for picture in pictures:
                if "\0" in picture or not (root / picture).resolve().is_relative_to(root.resolve()):
                    yield Fault(file, field, f"{picture} 不在配置文件夹内")
                elif not (root / picture).is_file():
                    yield Fault(file, field, f"没有图片 {picture}")
    for right_id in users:
        if not (root / f"rights/{right_id}.toml").exists():
            yield Fault(f"users/{right_id}.csv", "", f"没有 rights/{right_id}.toml")
    yield from _same_names(rights.values())


def _campaigns_crossed(root: Path, campaigns: Iterable[Campaign]) -> Iterator[Fault]:
    for campaign in campaigns:
        named = (
            ("rights", campaign.rights),
            ("sites", campaign.sites),
            ("bureaus", campaign.regions),
        )
        for folder, ids in named:
            field = "regions" if folder == "bureaus" else folder
            for id in ids:
                if not (root / folder / f"{id}.toml").exists():
                    yield Fault(f"campaigns/{campaign.id}.toml", field, f"没有 {folder}/{id}.toml")


def _fairs_crossed(root: Path, fairs: Iterable[Fair], sites: Mapping[str, Site]) -> Iterator[Fault]:
    """Yield fairs without a site of their own: whose exhibits are whose could not be told."""
    taken: dict[str, str] = {}
    for fair in fairs:
        file = f"fairs/{fair.id}.toml"
        if not (root / f"sites/{fair.site}.toml").exists():
            yield Fault(file, "site", f"没有 sites/{fair.site}.toml")
        elif fair.site in sites and sites[fair.site].kind != "fair":
            yield Fault(file, "site", f"sites/{fair.site}.toml 不是展会（kind）")
        elif fair.site in taken:
            yield Fault(
                file, "site", f"与 fairs/{taken[fair.site]}.toml 相同，每届展会须有自己的网站条目"
            )
        taken.setdefault(fair.site, fair.id)


def _same_names(rights: Iterable[Right]) -> Iterator[Fault]:
    """Yield rights that claim one name for the same goods; in different classes both may stand."""
    seen: dict[tuple[RightKind, str], list[Right]] = {}
    for right in rights:
        namesakes = seen.setdefault((right.kind, right.name.casefold()), [])
        for other in namesakes:
            if not (right.classes and other.classes) or set(right.classes) & set(other.classes):
                yield Fault(
                    f"rights/{right.id}.toml",
                    "name",
                    f"与 rights/{other.id}.toml 同名且商品类别重合：{right.name}",
                )
        namesakes.append(right)
