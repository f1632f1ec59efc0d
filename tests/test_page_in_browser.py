"""The page in a real browser: nothing sticks out on a phone, nothing is fetched, nothing runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor import resources
from monitor.render import environment, render_digest

from . import editions
from .loopback import Loopback

# Measures a page in a frame of a given width, from outside: the page itself forbids scripts.
PROBE = """<!doctype html><title>waiting</title>
<iframe id="page" src="/page" style="border:0;width:{width}px;height:800px"></iframe>
<script>
document.getElementById("page").addEventListener("load", (event) => {{
  const inner = event.target.contentDocument, root = inner.documentElement;
  const all = [...inner.querySelectorAll("body *")];
  const wide = all.filter(e => e.getBoundingClientRect().right > {width} + 1);
  const fits = root.scrollWidth <= root.clientWidth && wide.length === 0;
  document.title = (fits ? "fits" : "sticks out: " + wide.map(e => e.tagName).join(","))
    + (inner.defaultView.ran === true || window.ran === true ? ", ran" : "");
}});
</script>"""
HOSTILE = (
    "Britain, China and "
    + "a" * 300
    + "<script>window.ran = true</script><img src=x onerror='parent.ran=true'>"
)

Measure = Callable[[str, int], str]


@pytest.fixture
def measure(tmp_path: Path) -> Measure:
    """A function of (html, width in CSS pixels) that gives what the probe found in Chromium."""
    browser = shutil.which("chromium")
    if not browser:
        if "browser" in os.environ.get("MONITOR_TESTS_NEED", ""):
            pytest.fail("chromium is needed here and is not installed")
        pytest.skip("chromium is not installed: pages were not looked at in a browser")

    def in_browser(html: str, width: int) -> str:
        with Loopback() as site:
            site.serve("/page", html.encode(), content_type="text/html; charset=utf-8")
            site.serve("/probe", PROBE.format(width=width).encode(), content_type="text/html")
            done = subprocess.run(
                [
                    browser,
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    f"--user-data-dir={tmp_path / 'profile'}",
                    "--virtual-time-budget=5000",
                    "--dump-dom",
                    site.url("/probe"),
                ],
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )
            asked = {request.path for request in site.requests}
        assert asked <= {"/page", "/probe", "/favicon.ico"}, "the page asked for something else"
        found = re.search(r"<title>(.*?)</title>", done.stdout)
        assert found
        return found[1]

    return in_browser


@pytest.mark.parametrize("width", [320, 360, 1200])
@pytest.mark.parametrize("name", ["daily", "weekly", "empty", "fault"])
def test_nothing_sticks_out_of_the_page(measure: Measure, name: str, width: int) -> None:
    digest = getattr(editions, name)()
    env = environment([resources.templates()])

    found = measure(render_digest(digest, env, timezone=ZoneInfo("Europe/London")).html, width)

    assert found == "fits"


def test_a_hostile_headline_neither_runs_nor_breaks_the_page(measure: Measure) -> None:
    page = render_digest(
        editions.daily(), environment([resources.templates()]), timezone=ZoneInfo("Europe/London")
    ).html
    first_headline = re.search(r"<h3>(?:<a [^>]*>)?(.*?)(?:</a>)?</h3>", page)
    assert first_headline
    escaped = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    assert measure(page.replace(first_headline[1], escaped, 1), 360) == "fits"


def test_scripts_would_not_run_even_if_they_got_into_the_page(measure: Measure) -> None:
    page = render_digest(
        editions.daily(), environment([resources.templates()]), timezone=ZoneInfo("Europe/London")
    ).html

    found = measure(page.replace("</main>", f"{HOSTILE}</main>", 1), 1200)

    assert not found.endswith("ran")
