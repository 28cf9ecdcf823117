"""Exclusions of the embedded store: written by id, never deleted, never in force again."""

from __future__ import annotations

from collections.abc import Sequence

from leads.exclusions import Exclusion, newer
from leads.store.sqlite.file import File
from leads.store.sqlite.rows import PUT_EXCLUSION, Cell, utc


class Exclusions(File):
    """What is not to be shown again."""

    def exclude(self, exclusion: Exclusion) -> None:
        """See :meth:`leads.store.Store.exclude`."""
        with self._writing(sync="FULL"):
            self._exclude(exclusion)

    def exclusions(self) -> Sequence[Exclusion]:
        """See :meth:`leads.store.Store.exclusions`."""
        sql = "SELECT body FROM exclusion ORDER BY at, id"
        return list(self._read(Exclusion.model_validate_json, sql))

    def _exclude(self, exclusion: Exclusion) -> None:
        """Write an exclusion; call inside a transaction."""
        sql = "SELECT body FROM exclusion WHERE id = ?"
        there = self._rows(sql, [exclusion.id])
        before = self._made(Exclusion.model_validate_json, there[0]) if there else None
        self._db.execute(PUT_EXCLUSION, _row(newer(before, exclusion)))


def _row(one: Exclusion) -> dict[str, Cell]:
    return {
        "id": one.id,
        "scope": one.scope.value,
        "subject": one.subject,
        "right_id": one.right,
        "matcher": one.matcher,
        "effect": one.effect.value,
        "code": one.code,
        "reason": one.reason,
        "decided_by": one.by,
        "second": one.second,
        "at": utc(one.at),
        "until": one.until.isoformat() if one.until else None,
        "lifted_at": utc(one.lifted_at) if one.lifted_at else None,
        "body": one.model_dump_json(),
    }
