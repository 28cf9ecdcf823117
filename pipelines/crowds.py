"""References that turn up at too many sellers may be anybody's: a person has to look first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from leads.model import Listing
from leads.sight import PictureMatch, Sight

MOST_SELLERS = 30
"""Sellers at which a reference may turn up in one run before its matches are only for review."""


class Crowds:
    """Counts, listing by listing of one run, the sellers at which each reference is seen.

    ``before`` is what was counted already: references, and the sellers of each.
    """

    def __init__(
        self, most: int = MOST_SELLERS, before: Iterable[tuple[str, Iterable[str]]] = ()
    ) -> None:
        self._most = most
        self._sellers = {source: set(sellers) for source, sellers in before}

    def weighed(self, listing: Listing, sights: Mapping[str, Sight]) -> Mapping[str, Sight]:
        """Return the sights, with matches of a reference seen too often no longer certain."""
        return {
            digest: sight.model_copy(
                update={"matches": tuple(self._match(listing, one) for one in sight.matches)}
            )
            if sight.matches
            else sight
            for digest, sight in sights.items()
        }

    @property
    def crowded(self) -> tuple[str, ...]:
        """References that were seen too often, to be looked at by a person."""
        return tuple(sorted(s for s, sellers in self._sellers.items() if len(sellers) > self._most))

    def _match(self, listing: Listing, match: PictureMatch) -> PictureMatch:
        sellers = self._sellers.setdefault(match.source, set())
        if listing.seller_key:
            sellers.add(listing.seller_key)
        if len(sellers) <= self._most:
            return match
        note = f"此参照图片本次已见于{len(sellers)}家店铺，请先核对是否为公开素材"
        reason = f"{match.reason.rstrip('。')}；{note}"
        return match.model_copy(update={"certain": False, "reason": reason})
