"""What a person who excluded a lead may want to exclude for good: drafts, for people to decide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from leads.excluding import places, text_of
from leads.exclusions import AUTHORISED, DESCRIPTIVE, MISREAD, RESALE, Scope, names_it
from leads.model import Finding, Judgement, Lead, Right, Span, State

_OF_SELLER = (AUTHORISED, RESALE)
_OF_PLACE = (DESCRIPTIVE, MISREAD)
_RUN = re.compile(r"\w+")


class Draft(NamedTuple):
    """An exclusion that lacks who decides it, until when and why; :func:`leads.exclusions.made`."""

    scope: Scope
    subject: str
    right: str
    matcher: str | None
    code: str
    says: str
    """What would follow, in Chinese."""


def suggested(lead: Lead, judgement: Judgement, right: Right) -> list[Draft]:
    """Return what would have spared people this lead on ``right``; often nothing.

    The lead itself needs no exclusion: it stays as it was judged.
    """
    if judgement.state is not State.EXCLUDED or judgement.code is None:
        return []
    if judgement.code in _OF_SELLER:
        return list(_of_seller(lead, judgement.code))
    if judgement.code in _OF_PLACE:
        return list(dict.fromkeys(_of_places(lead, judgement.code, right)))
    return []


def _of_seller(lead: Lead, code: str) -> Iterator[Draft]:
    seller = lead.listing.seller_key
    origin = any(hit.finding is Finding.GI_ORIGIN for hit in lead.hits)
    if seller and not (code == AUTHORISED and origin):
        says = f"该店铺涉及“{lead.right_name}”的命中不再列为线索"
        yield Draft(Scope.SELLER, seller, lead.right, None, code, says)


def _of_places(lead: Lead, code: str, right: Right) -> Iterator[Draft]:
    for hit in lead.hits:
        for place in places(hit, lead.listing):
            if not isinstance(place, Span):
                says = f"该图片涉及“{lead.right_name}”的命中不再列为线索"
                yield Draft(Scope.PICTURE, place.picture, lead.right, None, code, says)
            elif (phrase := _phrase(place, lead)) and not names_it(phrase, right):
                says = f"“{phrase}”之中的“{place.text}”不再视为涉及“{lead.right_name}”"
                yield Draft(Scope.PHRASE, phrase, lead.right, hit.matcher, code, says)


def _phrase(span: Span, lead: Lead) -> str:
    """Return the span with the writing it stands in, up to the next space or sign."""
    for run in _RUN.finditer(text_of(lead.listing, span.field)):
        if run.start() <= span.start and span.end <= run.end():
            return run.group()
    return span.text
