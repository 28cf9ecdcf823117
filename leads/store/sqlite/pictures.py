"""Pictures of the embedded store: what each shows, and which listings show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from leads import bands
from leads.model import Listing
from leads.sight import Sight
from leads.sighting import Appearance
from leads.store.sqlite.file import File
from leads.store.sqlite.rows import BATCH, marks, put_sight


class Pictures(File):
    """What pictures show."""

    def keep_sight(self, sight: Sight) -> None:
        """See :meth:`leads.store.Store.keep_sight`."""
        with self._writing():
            put_sight(self._db, sight)

    def sights(self, sha256s: Iterable[str]) -> Mapping[str, Sight]:
        """See :meth:`leads.store.Store.sights`."""
        found: dict[str, Sight] = {}
        waiting = iter(sha256s)
        while batch := list(islice(waiting, BATCH)):
            sql = f"SELECT body FROM sight WHERE sha256 IN ({marks(batch)})"  # noqa: S608
            found |= {s.sha256: s for s in self._read(Sight.model_validate_json, sql, batch)}
        return found

    def appearances(self, sha256: str, distance: int = 0) -> Sequence[Appearance]:
        """See :meth:`leads.store.Store.appearances`."""
        pictures = {sha256: 0}
        if distance:
            pictures = {**self._near(sha256, distance), sha256: 0}
        found = [one for picture, bits in pictures.items() for one in self._shown(picture, bits)]
        return sorted(found, key=lambda one: (one.distance, one.listing.key))

    def _shown(self, sha256: str, bits: int) -> Iterator[Appearance]:
        sql = (
            "SELECT body FROM listing WHERE id IN"
            " (SELECT listing FROM listing_picture WHERE sha256 = ?)"
        )
        for listing in self._read(Listing.model_validate_json, sql, [sha256]):
            yield Appearance(listing=listing, sha256=sha256, distance=bits)

    def _near(self, sha256: str, distance: int) -> dict[str, int]:
        """Return the pictures that look alike, with the bits in which they differ."""
        own = self._rows("SELECT pdq FROM sight WHERE sha256 = ? AND pdq IS NOT NULL", [sha256])
        if not own:
            return {}
        pdq = str(own[0][0])
        cut = bands.bands(pdq)
        alike = self._rows(
            "SELECT sha256, pdq FROM sight WHERE number IN"  # noqa: S608
            f" (SELECT sight FROM sight_band WHERE band IN ({marks(cut)}))",
            cut,
        )
        apart = {str(other): bands.distance(pdq, str(print_)) for other, print_ in alike}
        return {other: bits for other, bits in apart.items() if bits <= distance}
