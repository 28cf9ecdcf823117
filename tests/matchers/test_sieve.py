"""What the sieve rules out, no matcher touches: else a rematch for one right would miss leads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from random import Random

import pytest

from leads.model import Listing, Right, RightKind, Seller
from leads.registry import Registry
from matchers.engine import Engine
from matchers.text import sieve
from matchers.text.likeness import heard_as, neighbours, readings
from matchers.text.sieve import Sieve
from matchers.text.watch import PROTECTED
from practice.catalogue import Market

NIGHT = date(2026, 11, 22)
DROPPED = (
    "·",
    " ",
    "\u200b",
    "★",
    "\n",
    '"',
    "\\",
    "/",
    "、",
    "\t",
    "】【",
    "\u3000",
    "🍀",
    " 的 ",
)


@pytest.fixture(scope="module")
def keen(watched: Registry) -> Engine:
    """An engine that shows even the weakest claim."""
    return _keen(watched)


def test_the_sieve_keeps_all_that_the_engine_finds_on_the_practice_market(
    watched: Registry, keen: Engine
) -> None:
    market = Market(size=400)
    listings = [offer.listing for offer in (*market, *market.exhibits())]
    bodies = [listing.model_dump_json() for listing in listings]
    touched: dict[str, set[int]] = {}
    for number, listing in enumerate(listings):
        for hit in keen.hits(listing, NIGHT):
            touched.setdefault(hit.right, set()).add(number)
    named = touched.keys() & watched.rights.keys()
    assert len(named) > 20
    for right in named:
        among = Sieve(watched, [right]).among(bodies)
        assert touched[right] <= set(among), right
        assert len(among) < len(bodies) / 2, right


@pytest.mark.parametrize("kind", RightKind)
def test_the_sieve_keeps_whatever_disguise_or_imitation_the_engine_sees_through(
    watched: Registry, keen: Engine, kind: RightKind
) -> None:
    rng = Random(f"sieve {kind}")  # noqa: S311  # no secret
    rights = [right for right in watched.rights.values() if right.kind is kind]
    found = 0
    for right in rng.sample(rights, min(60, len(rights))):
        listings = [_misused(right, rng) for _ in range(40)]
        among = Sieve(watched, [right.id]).among([one.model_dump_json() for one in listings])
        for number, listing in enumerate(listings):
            if any(hit.right == right.id for hit in keen.hits(listing, NIGHT)):
                found += 1
                assert number in among, (right.id, listing.model_dump_json())
    assert found > 10 * min(60, len(rights))


def test_marks_beyond_the_protected_ones_pass_by_name_shop_and_sound(watched: Registry) -> None:
    filler = [f"甲乙{a}{b}" for a in _syllables(40) for b in _syllables(13)][:PROTECTED]
    marks = [*filler, "甘丝猴", "干思侯"]
    rights = {
        f"m{n}": Right(id=f"m{n}", kind=RightKind.TRADEMARK, name=name, classes=(30,))
        for n, name in enumerate(marks)
    }
    registry = watched.model_copy(update={"rights": rights, "users": {}})
    engine, beyond = _keen(registry), f"m{PROTECTED}"
    listings = [
        Listing(title="奶糖 500g", brand="甘·丝·猴"),
        Listing(title="奶糖 500g", brand="肝司后"),
        Listing(title="奶糖 500g", seller=Seller(name="甘丝猴食品旗舰店")),
    ]
    for listing in listings:
        assert beyond in {hit.right for hit in engine.hits(listing, NIGHT)}
        assert Sieve(registry, [beyond]).among([listing.model_dump_json()]) == [0]


def test_a_word_that_only_begins_within_the_compared_part_of_a_text_is_not_ruled_out(
    watched: Registry,
) -> None:
    cut = Listing(title="鞋" * 993 + " adidos" + "xyz")
    long = Listing(title="鞋" * 2000, description="鞋" * 2000)
    short = Listing(title="鞋", description="xyz" * 2000)
    bodies = [one.model_dump_json() for one in (cut, long, short)]
    assert Sieve(watched, ["brand-adidas"]).among(bodies) == [0, 1]


def test_a_record_in_a_writing_that_is_not_ours_is_not_ruled_out(watched: Registry) -> None:
    ours, theirs = '{"title":"白酒\\n\\"\\u0007"}', '{"title":"\\u5eb7\\u5e08\\u5085"}'
    assert Sieve(watched, ["brand-adidas"]).among([ours, theirs]) == [1]


def test_a_matcher_that_the_sieve_does_not_know_lets_everything_through(
    watched: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert watched.scoring.matchers.keys() == sieve.COVERED  # an engine needs a weight for each
    bodies = [Listing(title="白酒").model_dump_json()] * 3
    assert Sieve(watched, ["brand-adidas"]).among(bodies) == []
    monkeypatch.setattr(sieve, "COVERED", sieve.COVERED - {"names"})
    assert Sieve(watched, ["brand-adidas"]).among(bodies) == [0, 1, 2]


# ---------------------------------------------------------------------------- invented misuse


def _keen(registry: Registry) -> Engine:
    scoring = registry.scoring.model_copy(update={"review": 1e-9})
    return Engine(registry.model_copy(update={"scoring": scoring}))


def _syllables(count: int) -> str:
    return "".join(list(readings())[:: len(readings()) // count][:count])


def _misused(right: Right, rng: Random) -> Listing:
    name = rng.choice((*right.names, *right.translations))
    for change in rng.sample(_CHANGES, rng.randrange(3)):
        name = change(name, rng)
    goods = rng.choice((*right.goods, "礼盒", "500ml"))
    said = rng.choice((f"正品{name} {goods}包邮", f"{name}{goods}", f"{goods} {name} style", name))
    base = Listing(title=f"{goods} 新款", attributes=(("产地", "山西"), ("规格", "500ml")))
    where = rng.randrange(6)
    if where < 2:
        return base.model_copy(update={"title": said})
    if where == 2:
        return base.model_copy(update={"brand": name})
    if where == 3:
        return base.model_copy(update={"attributes": (("品牌", name), ("系列", said))})
    if where == 4:
        return base.model_copy(update={"description": f"地理标志产品\n{said}"})
    return base.model_copy(update={"seller": Seller(name=f"{name}旗舰店", company=f"{name}公司")})


def _one(name: str, rng: Random, others: Callable[[str], Sequence[str]]) -> str:
    at = rng.randrange(len(name))
    return name[:at] + rng.choice(others(name[at]) or [name[at]]) + name[at + 1 :]


def _swapped(name: str, rng: Random) -> str:
    return _one(name, rng, lambda char: list(neighbours(char)))


def _sounding(name: str, rng: Random) -> str:
    return "".join(rng.choice(sorted(heard_as(char))) for char in name)


def _spelled(name: str, rng: Random) -> str:
    return _one(name, rng, lambda char: list(readings().get(char, ())[:1]))


def _parted(name: str, rng: Random) -> str:
    return rng.choice(DROPPED).join(name)


def _parted_once(name: str, rng: Random) -> str:
    at = rng.randrange(len(name))
    return name[:at] + rng.choice(DROPPED) + name[at:]


def _full_width(name: str, rng: Random) -> str:
    return "".join(
        chr(ord(c) + 0xFEE0) if "!" <= c <= "~" and rng.random() < 0.5 else c for c in name
    )


def _mixed(name: str, rng: Random) -> str:
    return "".join(rng.sample(name, len(name)))


def _shorter(name: str, rng: Random) -> str:
    at = rng.randrange(len(name))
    return name[:at] + name[at + 1 :] or name


def _longer(name: str, rng: Random) -> str:
    at = rng.randrange(len(name) + 1)
    return name[:at] + rng.choice("大新好王牌e1风味式型") + name[at:]


def _mistyped(name: str, rng: Random) -> str:
    return _one(name.lower(), rng, lambda _: ["a", "e", "1", "0", "rn", "l", "i"])


_CHANGES: Sequence[Callable[[str, Random], str]] = (
    _swapped, _sounding, _spelled, _parted, _parted_once, _full_width, _mixed, _shorter, _longer,
    _mistyped,
)  # fmt: skip
