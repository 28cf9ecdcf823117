"""Takes the pictures of the docs from the last practice night: ``make screenshots``.

The night is copied and worked on a little first, so that lists of decisions are not empty.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import uvicorn
from playwright.sync_api import Page, sync_playwright

from console.web.app import application
from console.web.office import Place
from crawlers.browser import find_chromium
from leads.exclusions import Scope, made
from leads.model import Judgement, State
from leads.query import parse
from leads.registry import load
from leads.store import open_store

NIGHT = Path("var/practice")
IMAGES = Path(__file__).parent / "img"


class Shot(NamedTuple):
    """One picture: a page, or the first link that ``link`` finds on it."""

    path: str
    size: tuple[int, int] = (1280, 800)
    link: str | None = None
    scheme: str = "light"


LEAD = ("/?q=发现:picture.copy", (1280, 1000), ".lead h2 a")
PHONE = (400, 800)
SHOTS = {
    "queue": Shot("/", (1280, 900)),
    "queue-dark": Shot("/", (1280, 700), scheme="dark"),
    "queue-phone": Shot("/", PHONE),
    "lead": Shot(*LEAD),
    "lead-dark": Shot(*LEAD, scheme="dark"),
    "lead-phone": Shot(LEAD[0], PHONE, LEAD[2]),
    "seller": Shot("/sellers?q=", (1280, 900), "tbody a"),
    "transfers": Shot("/transfers", (1280, 500)),
    "matchers": Shot("/matchers", (1280, 900)),
    "campaign": Shot("/campaigns/practice-campaign"),
    "fair": Shot("/fairs/practice-fair"),
    "booth-phone": Shot("/fairs/practice-fair/enter", PHONE, scheme="dark"),
    "rights": Shot("/rights", (1280, 700)),
    "nights": Shot("/nights", (1280, 900), "tbody a"),
}


def main() -> None:
    """Serve a copy of the night on loopback and photograph it."""
    if not (NIGHT / "markwatch.db").is_file():
        sys.exit(f"no practice night in {NIGHT}: run `make run` first")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "night"
        shutil.copytree(NIGHT, folder)
        shutil.rmtree(folder / "console", ignore_errors=True)
        work(f"sqlite:///{folder / 'markwatch.db'}")
        with served(folder) as url:
            photograph(url)


def work(store_url: str) -> None:
    """Decide on some leads as an office would in its first weeks."""
    weeks_ago = datetime.now(UTC) - timedelta(days=25)
    with open_store(store_url) as store:
        strong = [
            standing.lead for standing in store.search(parse("分级:优先核查"), limit=12).leads
        ]
        weak = [standing.lead for standing in store.search(parse("分级:待复核"), limit=5).leads]
        for number, lead in enumerate(strong[4:]):
            at = weeks_ago + timedelta(days=3 * number)
            bureau = lead.routes[0].bureau if lead.routes else "140100"
            for state, by in ((State.APPROVAL, "张三"), (State.ASSIGNED, "李四")):
                to = bureau if state is State.ASSIGNED else None
                store.judge(
                    Judgement(lead=lead.id, state=state, reason="证据充分", by=by, at=at, to=to)
                )
        for lead in weak:
            store.judge(
                Judgement(
                    lead=lead.id, state=State.EXCLUDED, reason="经销合同已核对", by="张三",
                    at=weeks_ago, code="正品转售",
                )
            )  # fmt: skip
        seller = weak[0].listing.seller_key or ""
        store.exclude(
            made(
                Scope.SELLER, seller, right=weak[0].right, code="正品转售", reason="经销合同已核对",
                by="张三", second="李四", at=weeks_ago, until=(weeks_ago + timedelta(180)).date(),
            )
        )  # fmt: skip


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve what lies in a folder; yields the address."""
    place = Place(
        store=f"sqlite:///{folder / 'markwatch.db'}",
        vault=folder / "vault",
        config=folder / "config",
        books=folder / "console",
        packets=folder / "packets",
        nights=folder / "nights",
    )
    app = application(place, load(place.config))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def photograph(url: str) -> None:
    """Take every picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, shot in SHOTS.items():
            width, height = shot.size
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if shot.scheme == "dark" else "light",
                locale="zh-CN",
            )
            page = context.new_page()
            _open(page, url, shot)
            page.screenshot(path=IMAGES / f"{name}.png")
            context.close()
        browser.close()


def _open(page: Page, url: str, shot: Shot) -> None:
    page.goto(url + shot.path)
    if shot.link:
        page.goto(url + (page.get_attribute(shot.link, "href") or "/"))
    page.wait_for_load_state("networkidle")


if __name__ == "__main__":
    main()
