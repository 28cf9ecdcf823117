"""What officers enter at a fair: an exhibit at a booth, and a complaint about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import Field

from leads.exhibitors import Exhibitor, named, reference
from leads.fair import Fair
from leads.model import (
    Finding,
    Hit,
    Judgement,
    Lead,
    Listing,
    Moment,
    Picture,
    Record,
    Right,
    RightKind,
    Seller,
    State,
    Triage,
    lead_id,
)
from leads.registry import Registry
from leads.routing import routes
from leads.states import COMPLAINT, check, state_of
from leads.triage import law_day

MATCHER = "complaint"
"""What a lead's hit names as its matcher where only a complaint speaks of the right."""
_FINDINGS = {
    RightKind.GI: Finding.GI_NAME,
    RightKind.TRADEMARK: Finding.BRAND_IMITATION,
    RightKind.SPECIAL_SIGN: Finding.SIGN_SPECIAL,
}
_REOPENED = {State.NEW, State.EXCLUDED, State.FED_BACK, State.ARCHIVED}
"""States from which a complaint brings a lead back to be looked at."""


class Entry(Record):
    """What an officer saw at a booth, in the officer's words."""

    fair: str
    booth: str = Field(min_length=1)
    exhibitor: str = Field(min_length=1)
    title: str = Field(min_length=1)
    """The exhibit as it is called at the booth."""
    note: str | None = None
    """The officer's own; never matched, so that it makes no lead."""
    by: str | None = None
    photos: tuple[str, ...] = ()
    """SHA-256 of each in the vault."""
    at: Moment


def exhibit(entry: Entry, fair: Fair, known: Iterable[Exhibitor]) -> Listing:
    """Return what was entered as an exhibit of the fair; entered again it is the same one.

    An exhibitor on the fair's list lends its name and credit code.
    """
    firm = named(entry.exhibitor, known)
    listing = Listing(
        site=fair.site,
        kind="exhibit",
        title=entry.title,
        attributes=(("展位号", entry.booth),),
        seller=Seller(
            name=entry.exhibitor,
            company=firm.name if firm else entry.exhibitor,
            uscc=firm.uscc if firm else None,
        ),
        pictures=tuple(Picture(sha256=digest) for digest in entry.photos),
        captured_at=entry.at,
    )
    return listing.model_copy(update={"ref": reference(listing)})


def added(before: Listing, now: Listing) -> Listing:
    """Return an exhibit with what an earlier entry, or the fair's list, knew of it."""
    return now.model_copy(
        update={
            "brand": now.brand or before.brand,
            "description": before.description,
            "category": before.category,
            "attributes": tuple(dict.fromkeys((*before.attributes, *now.attributes))),
            "pictures": tuple(dict.fromkeys((*before.pictures, *now.pictures))),
        }
    )


def complained_lead(
    listing: Listing, right: Right, found: Iterable[Lead], registry: Registry, at: datetime
) -> Lead:
    """Return the lead that a complaint is about: the one found, else one for the complaint alone.

    A lead with a judgement, as every complaint leaves, outlives a rematch.

    Raises:
        ValueError: the listing has no site, or neither number nor address.
    """
    wanted = lead_id(*listing.key, right.id)
    for lead in found:
        if lead.id == wanted:
            return lead
    day = law_day(listing.captured_at or at)
    finding = _FINDINGS[right.kind]
    hit = Hit(
        right=right.id,
        name=right.name,
        finding=finding,
        matcher=MATCHER,
        score=registry.scoring.review,
        reason=f"展会投诉：投诉人主张展品涉嫌侵害“{right.name}”；机器比对未发现，须现场核实",
        provisions=registry.provisions(finding, day),
    )
    return Lead(
        id=wanted,
        right=right.id,
        right_name=right.name,
        listing=listing,
        triage=Triage.REVIEW,
        score=registry.scoring.review,
        hits=(hit,),
        routes=routes(listing, right.id, registry),
        law_day=day,
        found_at=at,
    )


def complaint(
    lead: str, history: Sequence[Judgement], told: str, by: str, at: datetime, received: datetime
) -> Judgement:
    """Return the judgement that takes a complaint down and starts its clock.

    Args:
        lead: id of the lead.
        history: its judgements, oldest first.
        told: what it says; never who made it.
        by: the officer.
        at: the present.
        received: when the complaint was made, from which the clock runs.

    Raises:
        leads.states.MoveError: the times do not fit.
    """
    state = state_of(history)
    taken = Judgement(
        lead=lead,
        state=State.PENDING if state in _REOPENED else state,
        reason=told,
        by=by,
        at=at,
        code=COMPLAINT,
        happened_at=received,
    )
    check(history, taken)
    return taken
