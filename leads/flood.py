"""A rule or a picture that suddenly makes more leads than an office can look at is held back.

Its leads go to review with the reason until a person has looked at the rule; none is dropped. The
idea is that of Meta's Hasher-Matcher-Actioner: one signal must not overwhelm the queue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Annotated, NamedTuple

from pydantic import Field

from leads.beijing import BEIJING
from leads.exclusions import MACHINE, Exclusion, Scope, quarantine
from leads.fields import MATCHER_ZH
from leads.model import Lead, Record, Triage
from leads.nights import Flood, Night


class FloodLimits(Record):
    """How many new leads of one kind a night may bring before they are held back."""

    rule: Annotated[int, Field(ge=1)] = 200
    """Of one rule (a matcher and a right)."""
    times: Annotated[float, Field(ge=1)] = 5.0
    """A rule may bring so many times what it usually does, if that is more."""
    picture: Annotated[int, Field(ge=1)] = 50
    """Of one picture."""
    exclusion: Annotated[int, Field(ge=1)] = 200
    """Listings that one exclusion may meet before it is told, to be looked at."""
    days: Annotated[int, Field(ge=1)] = 14
    """How long they are held back, unless a person decides sooner."""


class Tally(NamedTuple):
    """How many leads each rule and each picture made; a lead counts for all its hits."""

    rules: Mapping[str, int]
    """By matcher and right, a space between."""
    pictures: Mapping[str, int]
    """By SHA-256."""


def tally(leads: Iterable[Lead]) -> Tally:
    """Count the leads that an officer should look at first."""
    rules: Counter[str] = Counter()
    pictures: Counter[str] = Counter()
    for lead in leads:
        if lead.triage is Triage.LEAD:
            rules.update({f"{hit.matcher} {hit.right}" for hit in lead.hits})
            pictures.update({box.picture for hit in lead.hits for box in hit.boxes})
    return Tally(rules, pictures)


def floods(
    new: Tally, before: Sequence[Night], names: Mapping[str, str], limits: FloodLimits
) -> tuple[Flood, ...]:
    """Return what made too many of tonight's new leads, in order of its name.

    Args:
        new: tonight's new leads. before: the last nights.
        names: name of each right, by id.
        limits: what is allowed.
    """
    return (*_rules(new, before, names, limits), *_pictures(new, limits))


def _rules(
    new: Tally, before: Sequence[Night], names: Mapping[str, str], limits: FloodLimits
) -> Iterator[Flood]:
    for rule, leads in sorted(new.rules.items()):
        usual = median([one.rules.get(rule, 0) for one in before] or [0])
        allowed = max(limits.rule, int(limits.times * usual))
        if leads > allowed:
            matcher, _, right = rule.partition(" ")
            yield Flood(
                scope="rule",
                subject=matcher,
                right=right,
                leads=leads,
                allowed=allowed,
                reason=(
                    f"方法“{MATCHER_ZH.get(matcher, matcher)}”对“{names.get(right, right)}”"
                    f"一夜新增 {leads} 条线索，"
                    f"超过上限 {allowed} 条，暂缓 {limits.days} 天：其线索转为待复核，"
                    "请先核对该规则"
                ),
            )


def _pictures(new: Tally, limits: FloodLimits) -> Iterator[Flood]:
    for picture, leads in sorted(new.pictures.items()):
        if leads > limits.picture:
            yield Flood(
                scope="picture",
                subject=picture,
                leads=leads,
                allowed=limits.picture,
                reason=(
                    f"同一张图片（{picture[:12]}）一夜见于 {leads} 条新线索，"
                    f"超过上限 {limits.picture} 条，暂缓 {limits.days} 天：其线索转为待复核，"
                    "请先核对是否为公开素材"
                ),
            )


def quarantines(
    found: Iterable[Flood], made: Iterable[Exclusion], at: datetime, days: int
) -> tuple[Exclusion, ...]:
    """Return the decisions that hold floods back for so many days.

    ``made`` are all exclusions there ever were: what was quarantined for a time that is not over is
    not quarantined anew, for if a person has lifted it, that person's word stands.
    """
    day = at.astimezone(BEIJING).date()
    decided = {
        (one.scope, one.subject, one.right)
        for one in made
        if one.by == MACHINE and one.until is not None and day <= one.until
    }
    return tuple(
        quarantine(
            Scope(flood.scope),
            flood.subject,
            flood.right,
            reason=flood.reason,
            at=at,
            until=day + timedelta(days=days),
        )
        for flood in found
        if (Scope(flood.scope), flood.subject, flood.right) not in decided
    )
