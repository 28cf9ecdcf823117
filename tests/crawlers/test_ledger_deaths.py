"""Killed at the worst moments, a crawl loses nothing: each between two things that belong together.

The process signals itself, so that the moment is the very one that is meant.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console.options import open_ledger

pytestmark = pytest.mark.night

Start = Callable[[], Any]
Run = Callable[..., Any]

DEATH = """
import importlib, itertools, os, signal
owner = getattr(importlib.import_module({module!r}), {owner!r})
living, count = getattr(owner, {method!r}), itertools.count(1)

def dying(*given, **named):
    if next(count) == {time}:
        os.kill(os.getpid(), signal.{signal})
    return living(*given, **named)

setattr(owner, {method!r}, dying)
"""

MOMENTS = {
    "planned, not yet fetched": ("crawlers.frontier", "Frontier", "next_request", 4, "SIGKILL"),
    "flushed, not yet noted": ("leads.ledger.work", "Work", "write", 1, "SIGKILL"),
    "finished, not yet said": ("leads.ledger.work", "Work", "finish", 1, "SIGKILL"),
    "stopped by Ctrl-C": ("pipelines.match", "Match", "_take", 2, "SIGINT"),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_crawl_that_dies_is_taken_up_where_it_was(
    loopback: Start, crawl: Run, tmp_path: Path, moment: str
) -> None:
    market = loopback()
    refs = [f"k{number}" for number in range(6)]
    for ref in refs:
        market.item(ref, f"/market/{ref}.jpg")
        market.page(f"/market/{ref}.jpg", b"\xff\xd8\xff\xe0" + ref.encode())
    market.results(*refs)
    names = ("module", "owner", "method", "time", "signal")
    death = DEATH.format(**dict(zip(names, MOMENTS[moment], strict=True)))
    killed = crawl(market, folder=tmp_path, death=death)
    assert killed.code == (130 if "SIGINT" in death else -9)
    done = crawl(market, folder=tmp_path, words=["--resume"])
    assert done.code == 0, done.stderr
    assert "练习市场：6 条商品" in done.stdout
    assert sorted(done.listings) == refs
    assert all(listing.pictures[0].sha256 for listing in done.listings.values())
    with open_ledger(None, f"sqlite:///{tmp_path / 'markwatch.db'}") as ledger:
        [(run,)] = ledger.ask("SELECT id FROM run", [])
        assert ledger.stages(str(run), "practice-market") == {"stored": 7}
        assert ledger.run(str(run)).ended
