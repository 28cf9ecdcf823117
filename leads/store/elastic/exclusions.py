"""Exclusions of a store in Elasticsearch: written by id, never in force again once lifted."""

from __future__ import annotations

from collections.abc import Sequence

from leads.exclusions import Exclusion
from leads.store import Part
from leads.store.elastic.searching import Searching
from leads.store.elastic.spool import Exclude


class Exclusions(Searching):
    """What is not to be shown again."""

    def exclude(self, exclusion: Exclusion) -> None:
        """See :meth:`leads.store.Store.exclude`; others see it once the cluster has taken it.

        Raises:
            StoreError: the cluster does not take it now; it is kept on the disk and sent later.
        """
        self._note(Exclude(exclusion=exclusion), sync=True)
        self._settled(Part.EXCLUSIONS)

    def exclusions(self) -> Sequence[Exclusion]:
        """See :meth:`leads.store.Store.exclusions`."""
        order = [{"at_us": "asc"}, {"key": "asc"}]
        found = self._scan(Part.EXCLUSIONS, {"match_all": {}}, order, ["body"])
        return [self._made(Exclusion, source["body"]) for source in found]
