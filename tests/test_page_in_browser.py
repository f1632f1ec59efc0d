"""The page in a real browser: nothing sticks out on a phone, nothing is fetched, nothing runs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor import resources
from monitor.models import Digest
from monitor.render import environment, render_digest

from . import editions
from .loopback import Loopback

# Measures pages in a frame, one after another, from outside: the pages themselves forbid scripts.
PROBE = """<!doctype html><title>probe</title><pre id="found">waiting</pre>
<iframe id="page" style="border:0;height:800px"></iframe>
<script>
(async () => {{
  const frame = document.getElementById("page"), found = [];
  for (const [path, width] of {looks}) {{
    window.ran = false;
    frame.style.width = width + "px";
    await new Promise(loaded => {{ frame.onload = loaded; frame.src = path; }});
    const inner = frame.contentDocument, root = inner.documentElement;
    const all = [...inner.querySelectorAll("body *")];
    const wide = all.filter(e => e.getBoundingClientRect().right > width + 1);
    const fits = all.length > 0 && root.scrollWidth <= root.clientWidth && wide.length === 0;
    found.push((fits ? "fits" : "sticks out: " + wide.map(e => e.tagName).join(","))
      + (inner.defaultView.ran === true || window.ran === true ? ", ran" : ""));
  }}
  document.getElementById("found").textContent = JSON.stringify(found);
}})();
</script>"""
HOSTILE = (
    "Britain, China and "
    + "a" * 300
    + "<script>window.ran = true</script><img src=x onerror='parent.ran=true'>"
)

Look = tuple[str, int]
"""The name of a page, and how many CSS pixels wide it is looked at."""
Measure = Callable[[dict[str, str], tuple[int, ...]], dict[Look, str]]


@pytest.fixture
def measure(tmp_path: Path) -> Measure:
    """A function of (name → HTML, widths) that gives what the probe found of each page at each width."""
    browser = shutil.which("chromium")
    if not browser:
        if "browser" in os.environ.get("MONITOR_TESTS_NEED", ""):
            pytest.fail("chromium is needed here and is not installed")
        pytest.skip("chromium is not installed: pages were not looked at in a browser")

    def in_browser(pages: dict[str, str], widths: tuple[int, ...]) -> dict[Look, str]:
        looks = [(name, width) for name in pages for width in widths]
        paths = {name: f"/{number}" for number, name in enumerate(pages)}
        with Loopback() as site:
            for name, html in pages.items():
                site.serve(paths[name], html.encode(), content_type="text/html; charset=utf-8")
            probe = PROBE.format(looks=json.dumps([(paths[name], width) for name, width in looks]))
            site.serve("/probe", probe.encode(), content_type="text/html")
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
                    "--virtual-time-budget=60000",
                    "--dump-dom",
                    site.url("/probe"),
                ],
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )
            asked = {request.path for request in site.requests}
        assert asked <= {*paths.values(), "/probe", "/favicon.ico"}, "a page asked for something else"
        found = re.search(r'<pre id="found">(\[.*?)</pre>', done.stdout, re.DOTALL)
        assert found, done.stdout
        return dict(zip(looks, json.loads(unescape(found[1])), strict=True))

    return in_browser


def page_of(digest: Digest) -> str:
    env = environment([resources.templates()])
    return render_digest(digest, env, timezone=ZoneInfo("Europe/London")).html


def test_nothing_sticks_out_of_the_page(measure: Measure) -> None:
    pages = {name: page_of(getattr(editions, name)()) for name in ("daily", "weekly", "empty", "fault")}

    found = measure(pages, (320, 360, 1200))

    assert len(found) == 12
    assert {look: says for look, says in found.items() if says != "fits"} == {}


def test_a_hostile_headline_neither_runs_nor_breaks_the_page(measure: Measure) -> None:
    page = page_of(editions.daily())
    first_headline = re.search(r"<h3>(?:<a [^>]*>)?(.*?)(?:</a>)?</h3>", page)
    assert first_headline
    escaped = HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    assert measure({"page": page.replace(first_headline[1], escaped, 1)}, (360,)) == {("page", 360): "fits"}


def test_scripts_would_not_run_even_if_they_got_into_the_page(measure: Measure) -> None:
    page = page_of(editions.daily()).replace("</main>", f"{HOSTILE}</main>", 1)

    (found,) = measure({"page": page}, (1200,)).values()

    assert not found.endswith("ran")


def test_the_probe_sees_what_sticks_out_and_what_runs(measure: Measure) -> None:
    head = "<!doctype html><html><head><title>x</title></head><body>"
    pages = {
        "wide": f'{head}<p style="width:400px">wide</p></body></html>',
        "runs": f"{head}<p>x</p><script>parent.ran = true</script></body></html>",
        "sound": f"{head}<p>x</p></body></html>",
    }

    found = measure(pages, (360,))

    assert found == {
        ("wide", 360): "sticks out: P",
        ("runs", 360): "fits, ran",
        ("sound", 360): "fits",
    }
