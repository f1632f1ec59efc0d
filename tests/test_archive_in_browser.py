"""The archive's pages in a real browser: nothing sticks out on a phone, nothing is fetched, nothing runs."""

from __future__ import annotations

from dataclasses import replace

from monitor.models import Topic

from .test_archive import SITE, every_page, hostile
from .test_page_in_browser import HOSTILE, Measure, measure  # noqa: F401 - a fixture


def test_nothing_sticks_out_of_the_pages_of_the_archive(measure: Measure) -> None:  # noqa: F811
    found = measure({page.path: page.text for page in every_page()}, (320, 360, 1200))

    assert len(found) > 10
    assert {look: says for look, says in found.items() if says != "fits"} == {}


def test_hostile_text_neither_runs_nor_breaks_a_page_of_the_archive(measure: Measure) -> None:  # noqa: F811
    site = replace(SITE, topics=(Topic("trade", HOSTILE),))
    pages = hostile(HOSTILE, "https://gazette.example/1", site)

    found = measure({page.path: page.text for page in pages if page.path.endswith(".html")}, (360,))

    assert found
    assert {look: says for look, says in found.items() if says != "fits"} == {}
