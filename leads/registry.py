"""The config folder as typed, cross-checked objects; one error names every fault.

A folder is a registry, a file an entry, its stem the id:

``rights/<id>.toml``, ``users/<right id>.csv``, ``bureaus/<code>.toml``, ``laws/<id>.toml``,
``sites/<id>.toml``, ``scoring.toml``.
"""

from __future__ import annotations

import csv
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, HttpUrl, ValidationError

from leads.model import (
    AuthorisedUser,
    Bureau,
    Dated,
    DefenceCode,
    Finding,
    Provision,
    Record,
    Right,
    Triage,
)


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong in the config: where and why."""

    file: str
    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.field}: {self.reason}" if self.field else f"{self.file}: {self.reason}"


class ConfigError(Exception):
    """The config is unusable; carries every fault that was found, not just the first."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(set(faults))
        super().__init__("\n".join(map(str, self.faults)))


class Article(Record):
    """One provision of a law and the findings it speaks to."""

    article: str = Field(min_length=1)
    """第五十七条第（一）项."""
    findings: tuple[Finding, ...] = Field(min_length=1)
    summary: str = Field(min_length=1)
    """What it forbids, in our own words."""


class Law(Dated):
    """A law in one version, with the days it is in force."""

    id: str
    title: str = Field(min_length=1)
    """Name as cited between 《》."""
    version: str = Field(min_length=1)
    """2019年修正."""
    verified: bool = False
    """True only when the text was read."""
    source: str | None = None
    provisions: tuple[Article, ...] = Field(min_length=1)


class Site(Record):
    """A marketplace or a fair that is watched."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str = Field(min_length=1)
    kind: Literal["market", "fair"]
    spider: str = Field(min_length=1)
    """Name of the spider that knows its way around: a file in ``crawlers/sites``."""
    url: HttpUrl
    search: str | None = None
    """Address of a result list below ``url``, ``{query}`` in it; for a fair the exhibitor list."""
    queries: tuple[str, ...] = ()
    """What to search for; the names of the watched rights where it is left out."""
    delay: Annotated[float, Field(ge=0)] = 1.0
    """Seconds between two requests."""
    concurrency: Annotated[int, Field(ge=1, le=8)] = 1
    expect: Annotated[int, Field(ge=0)] = 0
    """Fewer listings than this in a full crawl are an error."""
    practice: bool = False
    """The practice server on loopback; any other site must have a public address."""


class Scoring(Record):
    """What a hit is worth, and from which score a lead or a review follows."""

    lead: Annotated[float, Field(gt=0, le=1)]
    review: Annotated[float, Field(gt=0, le=1)]
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

    def bureau_of(self, place: str | None) -> Bureau | None:
        """Return the city bureau whose city or county is named in ``place``, else None."""
        if not place:
            return None
        for bureau in self.bureaus.values():
            if bureau.city in place or bureau.city.removesuffix("市") in place:
                return bureau
        for bureau in self.bureaus.values():
            if any(county in place for county in bureau.counties):
                return bureau
        return None


def find_config(folder: str | os.PathLike[str] | None = None) -> Path:
    """Return the config folder: the one given, ``$MARKWATCH_CONFIG``, ``./config``, the copy shipped.

    Raises:
        ConfigError: the folder given does not exist.
    """
    named = folder or os.environ.get("MARKWATCH_CONFIG")
    if named:
        if not Path(named).is_dir():
            raise ConfigError([Fault(str(named), "", "no such folder")])
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
    rights = {r.id: r for r in _entries(root, "rights", Right, faults)}
    bureaus = {b.code: b for b in _entries(root, "bureaus", Bureau, faults, key="code")}
    laws = {law.id: law for law in _entries(root, "laws", Law, faults)}
    sites = {s.id: s for s in _entries(root, "sites", Site, faults)}
    users = dict(_users(root, faults))
    scoring = _one(root / "scoring.toml", root, Scoring, faults)

    for right in rights.values():
        if right.bureau and right.bureau not in bureaus:
            faults.append(
                Fault(f"rights/{right.id}.toml", "bureau", f"no bureaus/{right.bureau}.toml")
            )
    faults.extend(
        Fault(f"users/{right_id}.csv", "", f"no rights/{right_id}.toml")
        for right_id in users
        if right_id not in rights and not _broken(faults, f"rights/{right_id}.toml")
    )
    if faults or scoring is None:
        raise ConfigError(faults)
    return Registry(
        rights=rights, users=users, bureaus=bureaus, laws=laws, sites=sites, scoring=scoring
    )


R = TypeVar("R", bound=Record)


def _entries(
    root: Path, folder: str, model: type[R], faults: list[Fault], key: str = "id"
) -> Iterator[R]:
    if not (root / folder).is_dir() and folder != "sites":
        faults.append(Fault(f"{folder}/", "", "folder is missing"))
    for path in sorted((root / folder).glob("*.toml")):
        entry = _one(path, root, model, faults, key)
        if entry is not None:
            yield entry


def _one(
    path: Path, root: Path, model: type[R], faults: list[Fault], key: str | None = None
) -> R | None:
    file = path.relative_to(root).as_posix()
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        faults.append(Fault(file, "", "file is missing"))
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        faults.append(Fault(file, "", f"not readable as TOML: {broken}"))
        return None
    if key is not None:
        if key in data:
            faults.append(Fault(file, key, "is the file's name, leave it out"))
        data[key] = path.stem
    try:
        return model.model_validate(data)
    except ValidationError as invalid:
        faults.extend(_faults(file, invalid))
        return None


def _users(root: Path, faults: list[Fault]) -> Iterator[tuple[str, tuple[AuthorisedUser, ...]]]:
    for path in sorted((root / "users").glob("*.csv")):
        file = path.relative_to(root).as_posix()
        users: list[AuthorisedUser] = []
        try:
            with path.open(encoding="utf-8-sig", newline="") as lines:
                for number, row in enumerate(csv.DictReader(lines, strict=True), start=2):
                    if None in row:
                        faults.append(Fault(file, f"line {number}", "more cells than columns"))
                        continue
                    cells: dict[str, Any] = {k: v.strip() for k, v in row.items() if v and v.strip()}
                    if "shops" in cells:
                        cells["shops"] = tuple(s.strip() for s in cells["shops"].split(";"))
                    try:
                        users.append(AuthorisedUser.model_validate(cells))
                    except ValidationError as invalid:
                        faults.extend(_faults(file, invalid, f"line {number}, "))
        except (csv.Error, UnicodeDecodeError) as broken:
            faults.append(Fault(file, "", f"not readable as CSV: {broken}"))
        yield path.stem, tuple(users)


def _faults(file: str, invalid: ValidationError, where: str = "") -> Iterator[Fault]:
    for error in invalid.errors(include_url=False, include_input=False):
        yield Fault(file, where + ".".join(map(str, error["loc"])), error["msg"])


def _broken(faults: list[Fault], file: str) -> bool:
    return any(fault.file == file for fault in faults)
