"""What is true of the practice market, and how a night is measured against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from leads.model import DefenceCode, Finding, Triage

MARKET = "practice-market"
FAIR = "practice-fair"
FILES = "practice-files"
"""A platform that is not visited: it pushes sheets."""
WALLED = "practice-walled"
"""A site that shows nothing but CAPTCHA pages."""


class Need(StrEnum):
    """What a night must have to find a misuse."""

    NAMES = "names"
    """Names and disguised names in title, attributes, description."""
    TEXT = "text"
    """Imitations, evocation, numbers, mandatory marks and claims."""
    BROWSER = "browser"
    PICTURES = "pictures"
    FILES = "files"
    """The files of :mod:`practice.files`, imported."""


class Truth(NamedTuple):
    """What is true of one listing; ordinary listings, near no watched right, have none."""

    site: str
    ref: str
    rights: Mapping[str, frozenset[Finding]]
    """Right id to the findings that must be found; empty for an honest listing.

    ``patent`` and ``tobacco`` stand for rules that protect no single right.
    """
    why: str
    needs: frozenset[Need]
    decoy: DefenceCode | None
    """The defence of an honest listing; None where there is misuse, or no name at all."""


class Found(NamedTuple):
    """One hit of a lead, as the night under test reports it."""

    site: str
    ref: str
    right: str
    finding: Finding
    triage: Triage


class Claim(NamedTuple):
    """That a listing misuses a right in one way."""

    site: str
    ref: str
    right: str
    finding: Finding


class Score(NamedTuple):
    """The outcome, each part sorted and without repetition."""

    found: tuple[Claim, ...]
    missed: tuple[Claim, ...]
    false: tuple[Claim, ...]
    not_yet: tuple[Claim, ...]


def score(
    truths: Iterable[Truth],
    found: Iterable[Found],
    has: frozenset[Need] = frozenset({Need.NAMES}),
) -> Score:
    """Hold what a night found against what is true.

    * A claim of ``truths`` is **found** when a hit with the same site, number, right and finding
      has triage ``lead`` or ``review``.
    * Otherwise it is **missed** if ``has`` holds all that the listing needs, else **not yet**.
    * A hit is **false** when its triage is ``lead`` and its right is not misused in that listing:
      on a decoy, on an ordinary listing, on an unknown one, or for another right. ``review`` is
      never false, nor is a further finding on a right that is misused there.
    """
    open_claims: dict[Claim, frozenset[Need]] = {}
    misused: set[tuple[str, str, str]] = set()
    for truth in truths:
        for right, findings in truth.rights.items():
            misused.add((truth.site, truth.ref, right))
            for finding in findings:
                open_claims[Claim(truth.site, truth.ref, right, finding)] = truth.needs

    hits: set[Claim] = set()
    false: set[Claim] = set()
    for site, ref, right, finding, triage in found:
        if triage is Triage.NONE:
            continue
        hits.add(Claim(site, ref, right, finding))
        if triage is Triage.LEAD and (site, ref, right) not in misused:
            false.add(Claim(site, ref, right, finding))

    unfound = open_claims.keys() - hits
    missed = {claim for claim in unfound if open_claims[claim] <= has}
    return Score(
        found=tuple(sorted(open_claims.keys() & hits)),
        missed=tuple(sorted(missed)),
        false=tuple(sorted(false)),
        not_yet=tuple(sorted(unfound - missed)),
    )
