"""Who exhibits at a fair: the exhibits of its site, grouped by the firm behind them."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable
from datetime import date

from leads.model import Listing, Record, Seller
from leads.words import words

_BOOTH = re.compile(r"展位|摊位|展台|booth|stand", re.I)
BASES = CODE, COMPANY, SHOP = "统一社会信用代码相同", "企业名称相同", "店铺名称相同（可能同名）"
"""Why a seller elsewhere may be an exhibitor, the surest first."""
_SHORTEST = 4
"""Characters from which on a shop's name alone may tell a firm from others."""


class Exhibitor(Record):
    """A firm at a fair, as its exhibits tell."""

    key: str
    """Credit code, else the name as :func:`plain` folds it."""
    name: str
    uscc: str | None = None
    shop: str | None = None
    """Name of its shop, where that is another than the firm's."""
    booths: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    exhibits: tuple[str, ...] = ()
    """Refs of its exhibits on the fair's site."""

    @property
    def queries(self) -> tuple[str, ...]:
        """What finds its shops on a marketplace: shop, firm, brands."""
        texts = (self.shop, self.name, *self.brands)
        return tuple(dict.fromkeys(text for text in texts if text and len(text) > 1))

    def has_turn(self, day: date, every: int) -> bool:
        """Tell whether it is searched for on ``day``: one day in ``every``, spread over all."""
        return (zlib.crc32(self.key.encode()) + day.toordinal()) % every == 0


def plain(name: str | None) -> str:
    """Return a name without what may differ in writing: width, case, signs, traditional forms."""
    return "".join(words(name or ""))


def exhibitors(exhibits: Iterable[Listing]) -> tuple[Exhibitor, ...]:
    """Return the firms behind some exhibits, in order of name; those of nobody are left out.

    One credit code is one firm, and so is one name; a firm told once with its code and once
    without is the same.
    """
    listings = [one for one in exhibits if one.seller and _name(one.seller)]
    codes = {plain(_name(s)): s.uscc for one in listings if (s := one.seller) and s.uscc}
    grouped: dict[str, list[Listing]] = {}
    for one in listings:
        if one.seller:
            name = plain(_name(one.seller))
            key = one.seller.uscc or codes.get(name) or name
            grouped.setdefault(key, []).append(one)
    found = [_exhibitor(key, all_) for key, all_ in grouped.items() if key]
    return tuple(sorted(found, key=lambda firm: (firm.name, firm.key)))


def named(name: str, known: Iterable[Exhibitor]) -> Exhibitor | None:
    """Return the exhibitor of a name, however it is written, or None."""
    wanted = plain(name)
    return next((firm for firm in known if wanted in (plain(firm.name), plain(firm.shop))), None)


def booths(listing: Listing) -> tuple[str, ...]:
    """Return where an exhibit stands, as the list or an officer says."""
    return tuple(dict.fromkeys(v for name, v in listing.attributes if _BOOTH.search(name)))


def reference(listing: Listing) -> str:
    """Return a number for an exhibit that has none: the same firm, booth and name give the same."""
    told = (plain(_name(listing.seller)), *map(plain, booths(listing)), plain(listing.title))
    return f"x-{hashlib.sha256(chr(31).join(told).encode()).hexdigest()[:12]}"


def same_firm(firm: Exhibitor, seller: Seller) -> str | None:
    """Return one of :data:`BASES` if a seller elsewhere may be an exhibitor, else None.

    Two credit codes tell two firms apart, whatever they are called.
    """
    if firm.uscc and seller.uscc:
        same = firm.uscc.casefold() == seller.uscc.casefold()
        return CODE if same else None
    names = {plain(firm.name), plain(firm.shop)} - {""}
    if plain(seller.company) in names:
        return COMPANY
    if plain(seller.name) in names and len(plain(seller.name)) >= _SHORTEST:
        return SHOP
    return None


def _exhibitor(key: str, listings: list[Listing]) -> Exhibitor:
    sellers = [one.seller for one in listings if one.seller]
    name = next(filter(None, (s.company for s in sellers)), None) or _name(sellers[0]) or key
    shops = [s.name for s in sellers if s.name and plain(s.name) != plain(name)]
    return Exhibitor(
        key=key,
        name=name,
        uscc=next(filter(None, (s.uscc for s in sellers)), None),
        shop=shops[0] if shops else None,
        booths=tuple(dict.fromkeys(booth for one in listings for booth in booths(one))),
        brands=tuple(dict.fromkeys(one.brand for one in listings if one.brand)),
        exhibits=tuple(one.key[1] for one in listings),
    )


def _name(seller: Seller | None) -> str | None:
    return (seller.company or seller.name) if seller else None
