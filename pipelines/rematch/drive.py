"""Drives a rematch: hands out stretches, writes what comes of them, notes what is done."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import replace

from leads.store import Store
from pipelines.rematch import work
from pipelines.rematch.crew import Crew
from pipelines.rematch.progress import Counts, Progress
from pipelines.rematch.task import Task

SIZE = 2000
"""Listings or sights in a stretch: some tenths of a second of work."""


def rematch(
    task: Task, store: Store, crew: Crew, progress: Progress, size: int = SIZE
) -> Iterator[Counts]:
    """Match what is not done yet; yield the counts of each stretch once it is written.

    One process writes, this one. What people judged stays, whatever is found.

    Raises:
        CrewError, StoreError: it cannot go on; what was yielded is done.
    """
    begun = replace(task, found_at=progress.began)
    if begun.narrow:
        sights = store.sight_stretches(size)
        found = crew.each(work.touching, pickle.dumps(begun), sights) if sights else ()
        begun = replace(begun, touching=frozenset(one for _, some in found for one in some))
    left = [one for one in store.listing_stretches(size) if one not in progress.done]
    for stretch, (seen, leads, excluded) in crew.each(work.match, pickle.dumps(begun), left):
        store.put(leads)
        removed = store.drop(seen, {lead.id for lead in leads}, task.rights or None)
        store.flush()
        counts = Counts(len(seen), len(leads), removed)
        progress.note(stretch, counts, excluded)
        yield counts
    progress.finish()
