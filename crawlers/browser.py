"""The browser door: for pages that are empty until their scripts have run. Needs a Chromium.

Nothing is installed by itself. How the door is walled in stands in docs/browser.md.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path
from typing import Any

from scrapy.exceptions import DownloadFailedError, NotConfigured
from scrapy.settings import BaseSettings
from tldextract import TLDExtract

from leads.registry import Site

NAMES = ("chromium", "chromium-browser", "google-chrome")

FLAGS = (
    "--disable-gpu",
    "--disable-extensions",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # No way around the proxy: no UDP, and no name is resolved by the browser itself.
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    # A page that hoards memory is ended before it ends the machine; MiB.
    "--js-flags=--max-old-space-size=512",
)

_domain = TLDExtract(suffix_list_urls=(), cache_dir=None)  # the list that comes with it; no network


class Unrendered(DownloadFailedError):
    """The browser could not read a page; the message says why, in Chinese."""


def find_chromium() -> Path | None:
    """Return the Chromium named by ``MARKWATCH_CHROMIUM``, else the first on the PATH.

    An empty ``MARKWATCH_CHROMIUM`` means that none is to be used.
    """
    named = os.environ.get("MARKWATCH_CHROMIUM")
    names = NAMES if named is None else (named,)
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    return Path(found) if found else None


def missing() -> str | None:
    """Return what the browser door lacks and how to get it, in Chinese, or None."""
    if importlib.util.find_spec("scrapy_playwright") is None:
        return "未安装浏览器组件；安装：pip install 'markwatch[browser]'"
    if find_chromium():
        return None
    named = os.environ.get("MARKWATCH_CHROMIUM")
    if named is not None:
        return f"环境变量 MARKWATCH_CHROMIUM 指定的浏览器不可用：{named!r}"
    return (
        "没有找到 Chromium；安装：sudo apt-get install chromium"
        "（或将环境变量 MARKWATCH_CHROMIUM 设为已有 Chromium 或 Chrome 的路径）"
    )


def domains(site: Site) -> frozenset[str]:
    """Return the domains from which the browser may load a site's pages: its own, and those named.

    A site's own is the registrable domain of its address (publicsuffix.org), or the address itself
    where that is a number.
    """
    return frozenset({registrable(site.url.host or ""), *site.browser_hosts})


def registrable(host: str) -> str:
    """Return the domain that ``host`` was registered under, or ``host`` itself if it has none."""
    return _domain(host).top_domain_under_public_suffix or host


class Browser:
    """Scrapy add-on that opens the door; without package or Chromium all stays as it is."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Route requests with ``meta["playwright"]`` through Chromium."""
        chromium = find_chromium()
        if chromium is None or missing():
            raise NotConfigured
        for scheme in ("http", "https"):
            settings["DOWNLOAD_HANDLERS"][scheme] = "crawlers.rendering.Rendering"
        settings.set("PLAYWRIGHT_LAUNCH_OPTIONS", launch_options(chromium), priority="addon")
        settings.set("PLAYWRIGHT_ABORT_REQUEST", "crawlers.rendering.unwanted", priority="addon")
        settings.set("PLAYWRIGHT_PROCESS_REQUEST_HEADERS", None, priority="addon")  # Chromium's own
        settings.set("PLAYWRIGHT_MAX_PAGES_PER_CONTEXT", 1, priority="addon")
        settings.set("MARKWATCH_BROWSER", True, priority="addon")


def is_root() -> bool:
    """Tell whether we are root, as whom Chromium cannot start its sandbox."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def launch_options(chromium: Path) -> dict[str, Any]:
    """Return how Chromium is started (Playwright's ``BrowserType.launch``), the proxy left out."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR")
    return {
        "executable_path": str(chromium),
        "headless": True,
        "chromium_sandbox": not is_root(),
        "args": list(FLAGS),
        "ignore_default_args": ["--disable-popup-blocking"],
        "env": {name: os.environ[name] for name in kept if name in os.environ},
        "handle_sigint": False,  # Ctrl-C ends the crawl in order, and the crawl ends the browser
        "handle_sigterm": False,
        "handle_sighup": False,
    }
