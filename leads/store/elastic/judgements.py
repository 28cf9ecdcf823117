"""Judgements of a store in Elasticsearch: only ever appended, and the last one decides."""

from __future__ import annotations

from collections.abc import Sequence

from elasticsearch import ConflictError

from leads.model import Judgement, Lead, State
from leads.store import Overtaken, Part, StoreError
from leads.store.elastic import documents as docs
from leads.store.elastic.planning import Found, Plan
from leads.store.elastic.searching import Searching
from leads.store.elastic.spool import Settle

_TRIES = 8


class Judgements(Searching):
    """What people decided."""

    def judge(self, judgement: Judgement, expected: State | None = None) -> None:
        """See :meth:`leads.store.Store.judge`.

        The judgement is written first, under the lead's next number, so that of two at once only
        one gets it; the lead follows. That it must follow is noted on the disk before.
        """
        with self._named():
            for _ in range(_TRIES):
                there, standing = self._standing_now(judgement.lead)
                if expected not in (None, standing.state):
                    raise Overtaken(self._meanwhile(judgement.lead, standing.state))
                self._spool.add(Settle(lead=judgement.lead), sync=True)
                if self._append(judgement, standing.judgements):
                    self._follow(judgement, standing.judgements, there)
                    return
        raise StoreError(f"存储 {self.address}：其他人一直在对线索 {judgement.lead} 作结论")

    def judgements(self, lead_id: str) -> Sequence[Judgement]:
        """See :meth:`leads.store.Store.judgements`."""
        order = [{"number": "asc"}]
        found = self._scan(Part.JUDGEMENTS, {"term": {"lead": lead_id}}, order, ["body"])
        return [self._made(Judgement, source["body"]) for source in found]

    def _standing_now(self, lead: str) -> tuple[list[Found], docs.Decided]:
        """Return a lead's documents, and how it stands by all judgements."""
        self._settled(Part.LEADS)
        there = self._planner.found([lead]).get(lead)
        if not there:
            raise KeyError(lead)
        self._alias(Part.JUDGEMENTS)
        known = max((one.decided for one in there), key=lambda decided: decided.judgements)
        return there, self._planner.settled(lead, known)

    def _follow(self, judgement: Judgement, number: int, there: list[Found]) -> None:
        """Make the lead stand as its last judgement says."""
        plan = Plan()
        lead = Lead.model_validate_json(there[0].source["body"])
        self._planner.write(plan, lead, docs.decided_by(judgement, number), there)
        if self._send(plan.first).conflicts:
            self._catch_up()  # the note on the disk says what is to be done
        else:
            self._spool.sent()

    def _append(self, judgement: Judgement, number: int) -> bool:
        """Write a judgement under a number; False if another judgement has it."""
        document = docs.judgement_document(judgement, number)
        alias = self._indices.ensure(Part.JUDGEMENTS)
        self._dirty.add(alias)
        try:
            self._client.create(
                index=alias, id=document["key"], document=document, require_alias=True
            )
        except ConflictError:  # perhaps by ourselves, when an answer was lost on its way
            return self._planner.judged([document["key"]]) == {document["key"]: judgement}
        return True

    def _meanwhile(self, lead_id: str, state: State) -> str:
        last = self.judgements(lead_id)[-1:]
        by = f"，由{last[0].by}改动" if last else ""
        return f"线索 {lead_id} 现为“{state}”{by}；请看过之后再作结论"
