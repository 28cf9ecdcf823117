"""Takes the pictures of the docs from the last practice night: ``make screenshots``."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import uvicorn
from playwright.sync_api import sync_playwright

from console.web.app import application
from console.web.office import Place
from crawlers.browser import find_chromium
from leads.registry import load

NIGHT = Path("var/practice")
IMAGES = Path(__file__).parent / "img"
SHOTS = {
    "queue": ("/", 1280, 900, "light"),
    "lead": ("LEAD", 1280, 1000, "light"),
    "rights": ("/rights", 1280, 700, "light"),
    "nights": ("/nights", 1280, 500, "light"),
    "queue-dark": ("/", 1280, 700, "dark"),
    "queue-phone": ("/", 400, 800, "light"),
}


def main() -> None:
    """Serve the night on loopback and photograph it."""
    if not (NIGHT / "markwatch.db").is_file():
        sys.exit(f"no practice night in {NIGHT}: run `make run` first")
    place = Place(
        store=f"sqlite:///{NIGHT / 'markwatch.db'}",
        vault=NIGHT / "vault",
        config=NIGHT / "config",
        books=NIGHT / "console",
        packets=NIGHT / "packets",
        nights=NIGHT / "nights",
    )
    app = application(place, load(place.config))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        photograph(url)
    finally:
        server.should_exit = True
        thread.join()


def photograph(url: str) -> None:
    """Take every picture; the lead is the first with a picture that shows something."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, (path, width, height, scheme) in SHOTS.items():
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page = context.new_page()
            if path == "LEAD":
                page.goto(f"{url}/?q=发现:picture.copy")
                path = page.get_attribute(".lead h2 a", "href") or "/"
            page.goto(url + path)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=IMAGES / f"{name}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
