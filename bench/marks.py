"""Tens of thousands of marks beyond the protected ones: invented, and met as brands are stated."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import date

from leads.model import Listing, Right, RightKind, Triage
from leads.registry import Registry
from leads.triage import triage
from matchers.engine import Engine
from matchers.text.likeness import readings

GOODS = "绿豆糕 点心礼盒"


def many(base: Registry) -> Registry:
    """Put 51,000 invented marks behind those of the config: 500 are protected, 50,000 others."""
    chance = random.Random(1)  # noqa: S311 -- not for secrets
    chars = sorted({c for right in base.rights.values() for c in right.name if "一" <= c <= "鿿"})
    rights = dict(base.rights)
    for number in range(51_000):
        name = "".join(chance.choices(chars, k=chance.choice((3, 3, 4))))
        rights[f"x{number}"] = Right(
            id=f"x{number}", kind=RightKind.TRADEMARK, name=name, classes=(30,)
        )
    return Registry.model_validate({**dict(base), "rights": rights})


def met(engine: Engine, brands: Iterable[str], day: date) -> Iterator[tuple[str, bool, str]]:
    """Yield kind, whether it went right, and the brand.

    An invented mark is found as a stated brand in disguise or with a character of the same sound,
    and is silent as it is; so are ``brands`` of others, most of which have their own name.
    """
    for number in range(2_000, 51_000, 50):
        right = engine.registry.rights[f"x{number}"]
        yield "other mark, kept", not _hits(engine, right.name, day, right.id), right.name
        disguised = "·".join(right.name)
        yield "other mark, disguised", _hits(engine, disguised, day, right.id), disguised
        if misheard := _misheard(right.name):
            yield "other mark, same sound", _hits(engine, misheard, day, right.id), misheard
    for brand in brands:
        yield "other brand, kept", not _hits(engine, brand, day, "x"), brand


def _hits(engine: Engine, brand: str, day: date, right: str) -> bool:
    """Tell whether an officer would see a listing for a right whose id begins like this."""
    hits = engine.hits(Listing(title=GOODS, brand=brand), day)
    ours = [hit for hit in hits if hit.right.startswith(right)]
    return triage(ours, engine.registry.scoring).triage is not Triage.NONE


def _misheard(name: str) -> str | None:
    """Return a name with its last character put for one of the same usual sound."""
    known = readings()
    sounds = known.get(name[-1], ())[:1]
    like = (char for char, found in known.items() if found[:1] == sounds and char != name[-1])
    other = next(like, None)
    return name[:-1] + other if other else None
