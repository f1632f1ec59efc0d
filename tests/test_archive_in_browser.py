"""The archive's pages in a real browser: nothing sticks out on a phone, nothing is fetched, nothing runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.models import Topic

from .test_archive import SITE, every_page, hostile
from .test_page_in_browser import HOSTILE, Measure, measure  # noqa: F401 - a fixture


@pytest.mark.parametrize("width", [320, 360, 1200])
def test_nothing_sticks_out_of_the_pages_of_the_archive(measure: Measure, width: int) -> None:  # noqa: F811
    found = {
        page.path: measure(page.text, width) for page in {page.path: page for page in every_page()}.values()
    }

    assert {path: says for path, says in found.items() if says != "fits"} == {}


def test_hostile_text_neither_runs_nor_breaks_a_page_of_the_archive(measure: Measure) -> None:  # noqa: F811
    site = replace(SITE, topics=(Topic("trade", HOSTILE),))
    pages = [
        page for page in hostile(HOSTILE, "https://gazette.example/1", site) if page.path.endswith(".html")
    ]

    assert {page.path: says for page in pages if (says := measure(page.text, 360)) != "fits"} == {}
