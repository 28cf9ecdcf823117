"""A night killed ten times and taken up each time leaves the store as if it never had been."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.options import open_ledger
from evidence.vault import Vault
from leads.nights import read_nights
from leads.query import All
from leads.store import open_store
from practice.server import Served, serve
from practice.settle import settle
from practice.truth import FAIR, MARKET

ROOT = Path(__file__).parent.parent
SITES = (MARKET, FAIR)
KILLS = 10

pytestmark = pytest.mark.night


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    """A small served market and fair, and a config that knows them."""
    with serve(size=20) as served:
        exhibits = sum(1 for _ in served.market.exhibits())
        folder = tmp_path_factory.mktemp("kill") / "config"
        yield served, settle(ROOT / "config", folder, served.url, 20, exhibits)


def start(config: Path, folder: Path) -> subprocess.Popen[str]:
    """Begin a night, or take it up, in a group of its own: what it starts is killed with it."""
    where = ("--config", config, "--store", store_of(folder), "--vault", folder / "vault")
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "console.cli",
            "nightly",
            "--nights",
            str(folder / "nights"),
            *map(str, where),
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "MARKWATCH_CHROMIUM": ""},
    )


def store_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'markwatch.db'}"


def state(folder: Path) -> dict[str, Any]:
    """Listings, leads and what pictures show, but for times and numbers of captures."""
    once = {"captured_at", "capture"}
    with open_store(store_of(folder), create=False) as store:
        listings = {one.key: one.model_dump(exclude=once) for one in store.listings()}
        pictures = {p["sha256"] for one in listings.values() for p in one["pictures"]} - {None}
        return {
            "listings": listings,
            "leads": {
                lead.id: lead.model_dump(exclude={"found_at": True, "listing": once})
                for lead, _ in store.find(All())
            },
            "sights": store.sights(sorted(pictures)),
            "changes": list(store.sightings()),
        }


def finish(run: subprocess.Popen[str]) -> None:
    _, told = run.communicate(timeout=400)
    assert run.returncode == 0, told


def test_ten_kills_lose_no_listing_and_no_lead(market: tuple[Served, Path], tmp_path: Path) -> None:
    served, config = market
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    finish(start(config, undisturbed))

    seed = random.randrange(10**6)  # noqa: S311  # no secret
    print(f"seed {seed}")
    moments = random.Random(seed)  # noqa: S311  # no secret
    for _ in range(KILLS):
        asked, run = served.visits.total(), start(config, killed)
        while served.visits.total() == asked and run.poll() is None:
            time.sleep(0.02)
        time.sleep(moments.uniform(0, 2))
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
    finish(start(config, killed))

    assert state(killed) == state(undisturbed)
    [night], [whole_night] = (read_nights(one / "nights").nights for one in (killed, undisturbed))
    assert (night.listings, night.found) == (whole_night.listings, whole_night.found)
    vault = Vault(killed / "vault")
    with open_store(store_of(killed)) as store:
        for listing in store.listings():
            assert vault.bytes(vault.record(listing.capture or ""))
    with (
        open_ledger(None, store_of(undisturbed)) as whole,
        open_ledger(None, store_of(killed)) as ledger,
    ):
        (run_of,) = ledger.ask("SELECT id FROM run", [])
        (whole_run,) = whole.ask("SELECT id FROM run", [])
        name, other = str(run_of[0]), str(whole_run[0])
        assert ledger.run(name).ended
        assert not ledger.unlooked(name)
        for site in SITES:
            assert ledger.stages(name, site) == whole.stages(other, site)
            assert set(ledger.stages(name, site)) == {"stored"}
            assert ledger.brought(name, site) == whole.brought(other, site)
