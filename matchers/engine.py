"""All matchers over one listing: found by a scan of the folders, weighed, sorted and capped."""

from __future__ import annotations

import copy
import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, Self

import matchers.image
import matchers.text
from leads.excluding import InForce, answered
from leads.exclusions import Exclusion
from leads.faults import ConfigError, Fault
from leads.model import TRIAGE_ZH, Hit, Lead, Listing, Triage
from leads.registry import Registry
from leads.sight import Sight
from leads.triage import law_day, leads_of, triage
from matchers.base import Matcher, PictureMatcher
from matchers.image import seals
from matchers.image.reading import in_picture, lines_of, with_lines
from matchers.text import claims, mandatory, patents
from matchers.text.goods import classes_of
from matchers.text.normalise import forms, normalise

MOST_HITS = 20
"""Hits reported for one listing; the last one says how many were left off."""
RULES = (claims.RIGHT, mandatory.RIGHT, patents.RIGHT, seals.RIGHT)
"""What hits name in place of a right, where a rule protects no single one."""
NO_SIGHTS: Mapping[str, Sight] = MappingProxyType({})


_Answered = tuple[Hit, tuple[Exclusion, ...]]
"""A hit and the exclusions that meet it."""


class Matched(NamedTuple):
    """What came of a listing."""

    leads: tuple[Lead, ...]
    """One a right, strongest first."""
    exclusions: tuple[str, ...]
    """Ids of the exclusions that met one of its hits, each once, in order."""


class Engine:
    """Matches listings with all watched rights. Deterministic; no network, no clock.

    ``exclusions`` are all that were ever made; those in force on the day of matching answer hits.
    That day, not the day of capture, is what counts: an exclusion is no law of its time, but how
    the office reads hits now. One made today quiets what was captured yesterday, and what it hid
    comes back by a rematch after it ended.

    Raises:
        ConfigError: a matcher without weight in scoring.toml, or a weight without matcher.
    """

    def __init__(self, registry: Registry, exclusions: Iterable[Exclusion] = ()) -> None:
        self.registry = registry
        self._exclude(exclusions)
        kinds = {kind.name: kind for kind in _matchers()}
        weights = registry.scoring.matchers
        faults = [
            Fault("scoring.toml", f"matchers.{name}", "缺少该匹配器的权重")
            for name in kinds.keys() - weights.keys()
        ] + [
            Fault("scoring.toml", f"matchers.{name}", "没有这个匹配器")
            for name in weights.keys() - kinds.keys()
        ]
        if faults:
            raise ConfigError(faults)
        self._provisions = lru_cache(maxsize=256)(registry.provisions)
        made = [kinds[name](registry) for name in sorted(kinds)]
        self._matchers = [one for one in made if isinstance(one, Matcher)]
        self._picture_matchers = [one for one in made if isinstance(one, PictureMatcher)]

    def excluding(self, exclusions: Iterable[Exclusion]) -> Self:
        """Return this engine with these exclusions; what it has learnt of the rights is shared."""
        other = copy.copy(self)
        other._exclude(exclusions)
        return other

    def _exclude(self, exclusions: Iterable[Exclusion]) -> None:
        made = tuple(exclusions)
        self._in_force = lru_cache(maxsize=4)(lambda day: InForce(made, day))

    def hits(
        self,
        listing: Listing,
        day: date,
        sights: Mapping[str, Sight] = NO_SIGHTS,
        on: date | None = None,
    ) -> tuple[Hit, ...]:
        """Return the hits of a listing under the law of ``day``, strongest first.

        ``sights`` holds what pictures show, by SHA-256; of those the listing has none are missed
        and others do not matter. ``on`` is the day of matching, ``day`` itself if None. A
        pseudo-listing has no hits, and hits too weak for a review are left out. Those that are
        excluded come last; beyond :data:`MOST_HITS` the rest is only counted.
        """
        return tuple(hit for hit, _ in self._answered(listing, day, sights, on or day))

    def _answered(
        self, listing: Listing, day: date, sights: Mapping[str, Sight], on: date
    ) -> list[_Answered]:
        """Return the hits, each with the exclusions that meet it."""
        if listing.pseudo:
            return []
        weights, least = self.registry.scoring.matchers, self.registry.scoring.review
        claims = [hit for matcher in self._matchers for hit in matcher.match(listing, day)]
        meeting = self._in_force(on).on
        claimed = [(hit, meeting(hit, listing, sights)) for hit in claims]
        if sights:
            told = {hit.right for hit, met in claimed if not _silenced(met)}
            pictured = self._pictured(listing, day, sights, told)
            claimed += [(hit, meeting(hit, listing, sights)) for hit in pictured]
        if not claimed:  # as with most listings
            return []
        found = [one for one in claimed if one[0].score * weights[one[0].matcher] >= least]
        found.sort(
            key=lambda one: (
                _silenced(one[1]),
                -one[0].score * weights[one[0].matcher],
                one[0].right,
                one[0].finding,
                one[0].matcher,
            )
        )
        kept = [(answered(self._with_law(hit, day), met), met) for hit, met in found[:MOST_HITS]]
        if len(found) > MOST_HITS:
            last, by = kept[-1]
            note = f"（共有{len(found)}项命中，仅列出最强的{MOST_HITS}项。）"
            kept[-1] = last.model_copy(update={"reason": last.reason + note}), by
        return kept

    def _pictured(
        self, listing: Listing, day: date, sights: Mapping[str, Sight], told: set[str]
    ) -> Iterator[Hit]:
        """Yield what pictures show, and what is read in them of rights not told of so far."""
        digests = dict.fromkeys(picture.sha256 for picture in listing.pictures)
        seen = [sights[digest] for digest in digests if digest and digest in sights]
        for matcher in self._picture_matchers:
            yield from matcher.match(listing, day, seen)
        if read := lines_of(seen):
            lined = with_lines(listing, read)
            for text_matcher in self._matchers:
                for hit in text_matcher.match(lined, day):
                    if hit.right not in told and (shown := in_picture(hit, listing, read)):
                        yield shown

    def _with_law(self, hit: Hit, day: date) -> Hit:
        return hit.model_copy(update={"provisions": self._provisions(hit.finding, day)})

    def explain(self, listing: Listing, day: date) -> Iterator[str]:
        """Yield, line by line in Chinese, how a listing is read and what came of it."""
        title = normalise(listing.title)
        yield f"原文：{title.raw}"
        yield f"归一化：{title.text}"
        if changed := forms(title.raw):
            yield f"变形字符：{'、'.join(changed)}"
        classes = "、".join(map(str, sorted(classes_of(listing)))) or "未能判断"
        yield f"商品类别（尼斯分类）：{classes}"
        for matcher in self._matchers:
            for line in matcher.explain(listing, day):
                yield f"[{matcher.name}] {line}"
        hits = self.hits(listing, day)
        for hit in hits:
            outcome = triage([hit], self.registry.scoring)
            answers = "；".join(map(str, hit.defences)) or "无"
            yield (
                f"命中 {hit.finding} {hit.name} {outcome.score:.2f} {TRIAGE_ZH[outcome.triage]}："
                f"{hit.reason}抗辩：{answers}"
            )
        overall = triage(hits, self.registry.scoring)
        yield f"结论：{TRIAGE_ZH[overall.triage]} {overall.score:.2f}"

    def leads(
        self, listing: Listing, found_at: datetime, sights: Mapping[str, Sight] = NO_SIGHTS
    ) -> tuple[Lead, ...]:
        """Return the leads of :meth:`match`."""
        return self.match(listing, found_at, sights).leads

    def match(
        self, listing: Listing, found_at: datetime, sights: Mapping[str, Sight] = NO_SIGHTS
    ) -> Matched:
        """Return the leads of a listing, and which exclusions met it.

        The law is that of its day of capture, the exclusions those of the day of ``found_at``.

        Raises:
            ValueError: the listing has no site, or neither number nor address.
        """
        day = law_day(listing.captured_at or found_at)
        found = self._answered(listing, day, sights, law_day(found_at))
        leads = leads_of(listing, [hit for hit, _ in found], self.registry, day, found_at)
        return Matched(leads, tuple(sorted({one.id for _, met in found for one in met})))


def _silenced(met: Iterable[Exclusion]) -> bool:
    return any(one.effect is Triage.NONE for one in met)


def widened(registry: Registry) -> Registry:
    """Return a registry whose engine also shows what is too weak for a night: to investigate by."""
    scoring = registry.scoring.model_copy(update={"review": registry.scoring.wide})
    return Registry.model_validate({**dict(registry), "scoring": scoring})


def _matchers() -> Iterator[type[Matcher] | type[PictureMatcher]]:
    for package in (matchers.text, matchers.image):
        for file in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(file.name)
            for kind in vars(module).values():
                if (
                    isinstance(kind, type)
                    and issubclass(kind, Matcher | PictureMatcher)
                    and kind.__module__ == file.name
                ):
                    yield kind
