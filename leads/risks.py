"""Which exhibitors of a fair to look at first, and why: a list for officers, no judgement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time

from leads.beijing import BEIJING
from leads.calendar import DAY
from leads.exhibitors import BASES, Exhibitor, exhibitors, plain, same_firm
from leads.fair import Fair
from leads.fields import Field
from leads.model import Lead, Record, Seller, State, Triage
from leads.outcomes import CONFIRMED, Outcome, outcome
from leads.store import Standing, Store
from leads.tree import And, Not, Or, Query, Term, Words
from leads.words import words

_AT_ONCE = 40
"""Exhibitors that are asked for in one query."""
_TOLD = 3
"""Leads of a kind that are told one by one; of the others only how many."""


class Elsewhere(Record):
    """A lead on another site whose seller may be the exhibitor."""

    lead: Lead
    basis: str
    """Why it may be: one of :data:`leads.exhibitors.BASES`."""
    outcome: Outcome


class Risk(Record):
    """One exhibitor, with every lead that speaks of it; the numbers are their counts."""

    exhibitor: Exhibitor
    confirmed: tuple[Elsewhere, ...] = ()
    """Earlier leads that an authority took up."""
    earlier: tuple[Elsewhere, ...] = ()
    """Other leads on other sites, but those excluded."""
    suspected: tuple[Lead, ...] = ()
    """Leads of its exhibits that should be looked at first."""
    doubtful: tuple[Lead, ...] = ()
    """Leads of its exhibits that have a plausible defence."""
    excluded: int = 0
    """Leads of both kinds that officers excluded; they do not count."""

    @property
    def any(self) -> bool:
        """Tell whether anything speaks of it."""
        return bool(self.confirmed or self.earlier or self.suspected or self.doubtful)

    @property
    def order(self) -> tuple[int, int, int, int, str]:
        """What the list is sorted by."""
        counts = (self.confirmed, self.earlier, self.suspected, self.doubtful)
        first, second, third, fourth = (-len(one) for one in counts)
        return first, second, third, fourth, self.exhibitor.name

    @property
    def reasons(self) -> tuple[str, ...]:
        """Every number in words, in Chinese."""
        told = (
            *_elsewhere("此前线索已由执法机关立案或移送", self.confirmed),
            *_elsewhere("此前线索", self.earlier),
            *_exhibits("展品线索（优先核查）", self.suspected),
            *_exhibits("展品线索（待复核）", self.doubtful),
        )
        out = (f"另有 {self.excluded} 条线索已由执法人员排除，不计",) if self.excluded else ()
        return (*told, *out)


def risks(fair: Fair, store: Store) -> tuple[Risk, ...]:
    """Return every exhibitor of a fair, those first that should be looked at first.

    Earlier matters taken up by an authority come before other earlier leads, these before leads of
    the exhibits; more before fewer. Nothing is weighed beyond that.
    """
    firms = exhibitors(store.listings(site=fair.site))
    here = _by_ref(fair, store)
    elsewhere = _leads_elsewhere(fair, firms, store)
    found = [_risk(firm, here, elsewhere.get(firm.key, ()), store) for firm in firms]
    return tuple(sorted(found, key=lambda risk: risk.order))


class Watched(Record):
    """An exhibitor that is watched online once the fair has closed."""

    risk: Risk
    since: tuple[str, ...]
    """Leads found on other sites since the fair closed."""


def watched(fair: Fair, store: Store) -> tuple[Watched, ...]:
    """Return the exhibitors to be watched after a fair: those that any lead speaks of."""
    closed = datetime.combine(fair.last + DAY, time(), BEIJING)
    return tuple(
        Watched(
            risk=risk,
            since=tuple(
                one.lead.id
                for one in (*risk.confirmed, *risk.earlier)
                if one.lead.found_at >= closed
            ),
        )
        for risk in risks(fair, store)
        if risk.any
    )


def _by_ref(fair: Fair, store: Store) -> dict[str, list[Standing]]:
    found: dict[str, list[Standing]] = {}
    for standing in store.find(Term(Field.SITE, fair.site)):
        found.setdefault(standing.lead.listing.key[1], []).append(standing)
    return found


def _risk(
    firm: Exhibitor,
    here: Mapping[str, Sequence[Standing]],
    elsewhere: Sequence[Elsewhere],
    store: Store,
) -> Risk:
    shown = [standing for ref in firm.exhibits for standing in here.get(ref, ())]
    counted = [standing.lead for standing in shown if standing.state is not State.EXCLUDED]
    dropped = sum(one.outcome is Outcome.EXCLUDED for one in elsewhere)
    return Risk(
        exhibitor=firm,
        confirmed=tuple(one for one in elsewhere if one.outcome in CONFIRMED),
        earlier=tuple(
            one for one in elsewhere if one.outcome not in {*CONFIRMED, Outcome.EXCLUDED}
        ),
        suspected=tuple(lead for lead in counted if lead.triage is Triage.LEAD),
        doubtful=tuple(lead for lead in counted if lead.triage is Triage.REVIEW),
        excluded=len(shown) - len(counted) + dropped,
    )


def _leads_elsewhere(
    fair: Fair, firms: Sequence[Exhibitor], store: Store
) -> dict[str, list[Elsewhere]]:
    """Return the leads on other sites whose seller may be an exhibitor, by the exhibitor's key."""
    found: dict[str, list[Elsewhere]] = {}
    not_here = Not(Term(Field.SITE, fair.site))
    for start in range(0, len(firms), _AT_ONCE):
        some = firms[start : start + _AT_ONCE]
        asked = tuple(part for firm in some for part in _asked(firm))
        if not asked:
            continue
        query = And((not_here, asked[0] if len(asked) == 1 else Or(asked)))
        for standing in store.find(query):
            seller = standing.lead.listing.seller or Seller()
            for firm in some:
                if basis := same_firm(firm, seller):
                    one = Elsewhere(
                        lead=standing.lead, basis=basis, outcome=_outcome(standing, store)
                    )
                    found.setdefault(firm.key, []).append(one)
    return found


def _asked(firm: Exhibitor) -> Iterator[Query]:
    if firm.uscc:
        yield Term(Field.SELLER_USCC, firm.uscc)
    for name in dict.fromkeys((firm.name, firm.shop)):
        if name and plain(name):
            yield Words(Field.SELLER_COMPANY, words(name))
            yield Words(Field.SELLER_NAME, words(name))


def _outcome(standing: Standing, store: Store) -> Outcome:
    judged = standing.state is not State.NEW
    return outcome(store.judgements(standing.lead.id) if judged else ())


def _elsewhere(what: str, found: Sequence[Elsewhere]) -> Iterator[str]:
    for basis in BASES:
        of = [one for one in found if one.basis == basis]
        if not of:
            continue
        told = "；".join(
            f"{one.lead.id}（{one.lead.listing.site}，{one.lead.right_name}，{one.outcome}）"
            for one in of[:_TOLD]
        )
        yield f"{what} {len(of)} 条，{basis}：{told}{_more(of)}"


def _exhibits(what: str, leads: Sequence[Lead]) -> Iterator[str]:
    if not leads:
        return
    told = "；".join(
        f"{lead.id}“{lead.listing.title[:30]}”{lead.hits[0].reason.rstrip('。')}"
        for lead in leads[:_TOLD]
    )
    yield f"{what} {len(leads)} 条：{told}{_more(leads)}"


def _more(found: Sequence[object]) -> str:
    return f"；另 {len(found) - _TOLD} 条" if len(found) > _TOLD else ""
