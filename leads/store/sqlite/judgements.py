"""Judgements of the embedded store: only ever appended, and the last one decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from leads.model import Judgement, State
from leads.store import Overtaken
from leads.store.sqlite import rows
from leads.store.sqlite.file import File
from leads.store.sqlite.rows import utc


class Judgements(File):
    """What people decided."""

    def judge(self, judgement: Judgement, expected: State | None = None) -> None:
        """See :meth:`leads.store.Store.judge`."""
        with self._writing(sync="FULL"):
            state = self._state(judgement.lead)
            if expected not in (None, state):
                raise Overtaken(self._meanwhile(judgement.lead, state))
            self._append(judgement)

    def judgements(self, lead_id: str) -> Sequence[Judgement]:
        """See :meth:`leads.store.Store.judgements`."""
        sql = "SELECT body FROM judgement WHERE lead = ? ORDER BY number"
        return list(self._read(Judgement.model_validate_json, sql, [lead_id]))

    def _append(self, judgement: Judgement) -> None:
        """Write a judgement; call inside a transaction.

        Raises:
            KeyError: no such lead.
        """
        moved = Counter({f"state={judgement.state.value}": 1})
        moved[f"state={self._state(judgement.lead)}"] -= 1
        self._db.execute(
            'INSERT INTO judgement (lead, state, reason, "by", at, body) VALUES (?, ?, ?, ?, ?, ?)',
            [
                judgement.lead,
                judgement.state.value,
                judgement.reason,
                judgement.by,
                utc(judgement.at),
                judgement.model_dump_json(),
            ],
        )
        self._db.executemany(rows.COUNT, rows.count_rows(moved))

    def _state(self, lead_id: str) -> str:
        found = self._rows("SELECT state FROM lead WHERE id = ?", [lead_id])
        if not found:
            raise KeyError(lead_id)
        return str(found[0][0])

    def _meanwhile(self, lead_id: str, state: str) -> str:
        last = self.judgements(lead_id)[-1:]
        by = f"，由{last[0].by}改动" if last else ""
        return f"线索 {lead_id} 现为“{state}”{by}；请看过之后再作结论"
