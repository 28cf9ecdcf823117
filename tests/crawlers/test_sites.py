"""Conventions over all entries of ``config/sites``, so that a new one needs no test of its own."""

from pathlib import Path

import pytest
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.project import get_project_settings

from console.importing import check_columns
from leads import registry

ROOT = Path(__file__).parent.parent.parent
SITES = sorted(registry.load(ROOT / "config").sites.values(), key=lambda site: site.id)


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.id)
def test_every_site_keeps_the_conventions(site: registry.Site) -> None:
    assert site.spider in SpiderLoader.from_settings(get_project_settings()).list()
    assert site.url.scheme == "https"
    assert site.search
    assert "{query}" in site.search or site.kind == "fair"
    assert not site.practice
    check_columns(site)


def test_no_site_is_visited_before_somebody_answers_for_it() -> None:
    assert [site.id for site in SITES if site.terms] == []


def test_every_spider_is_a_file_of_its_name() -> None:
    for name in SpiderLoader.from_settings(get_project_settings()).list():
        assert (ROOT / "crawlers" / "sites" / f"{name}.py").is_file()
