"""Every page and mail under axe-core in a real browser, in light and dark: nothing serious to complain of."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor import resources
from monitor.render import environment, render_digest

from . import editions
from .loopback import Loopback
from .test_archive import every_page

# Shows the pages one after another in a frame, and lets axe, which each of them carries, look at it.
PROBE = """<!doctype html><title>axe</title><pre id="found">waiting</pre>
<iframe id="page" style="border:0;width:{width}px;height:900px"></iframe>
<script>
(async () => {{
  const frame = document.getElementById("page"), found = {{}};
  for (const path of {paths}) {{
    await new Promise(loaded => {{ frame.onload = loaded; frame.src = path; }});
    const result = await frame.contentWindow.axe.run({{
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], resultTypes: ["violations"],
    }});
    found[path] = {{
      passed: result.passes.length,
      violations: result.violations.map(one => (
        {{id: one.id, impact: one.impact, nodes: one.nodes.slice(0, 3).map(node => node.html.slice(0, 200))}}
      )),
    }};
  }}
  document.getElementById("found").textContent = JSON.stringify(found);
}})();
</script>"""
FORBIDS_SCRIPTS = re.compile(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>\n?")
# A mail has no address of its own to skip within, and is shown inside somebody else's page.
NOT_FOR_MAILS = {"landmark-one-main", "region", "page-has-heading-one", "bypass"}
FAULTY = """<!doctype html><html><head><title>x</title></head><body><main>
<img src="data:," style="width:9px"><p style="color:#ccc;background:#fff">Pale words that nobody can read</p>
</main></body></html>"""


def looked_at(pages: dict[str, str], profile: Path, *, dark: bool, width: int = 800) -> dict[str, Any]:
    """What axe-core says: path → {"passed", "violations"}. Skips aloud where there is no Chromium."""
    browser = shutil.which("chromium")
    if not browser:
        if "browser" in os.environ.get("MONITOR_TESTS_NEED", ""):
            pytest.fail("chromium is needed here and is not installed")
        pytest.skip("chromium is not installed: accessibility was not looked at")
    axe = files("axe_core_python").joinpath("axe.min.js").read_bytes()
    with Loopback() as site:
        site.serve("/axe.js", axe, content_type="text/javascript; charset=utf-8")
        for path, html in pages.items():
            # Our pages forbid scripts; the copies that are looked at carry one.
            free = FORBIDS_SCRIPTS.sub("", html)
            copy = free.replace("</head>", '<script src="/axe.js"></script></head>', 1)
            assert "/axe.js" in copy
            site.serve(path, copy.encode(), content_type="text/html; charset=utf-8")
        probe = PROBE.format(paths=json.dumps(list(pages)), width=width)
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
                *(["--blink-settings=preferredColorScheme=0"] if dark else []),
                f"--user-data-dir={profile}",
                "--virtual-time-budget=600000",
                "--dump-dom",
                site.url("/probe"),
            ],
            capture_output=True,
            text=True,
            timeout=240,
            check=True,
        )
    found = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found
    assert found[1] != "waiting"
    result: dict[str, Any] = json.loads(unescape(found[1]))
    return result


def our_pages() -> dict[str, str]:
    """Four editions as page and as mail, and a page of each kind of the archive."""
    env = environment([resources.templates()])
    messages = {
        name: render_digest(getattr(editions, name)(), env, timezone=ZoneInfo("Europe/London"))
        for name in ("daily", "weekly", "empty", "fault")
    }
    return (
        {f"/page/{name}": message.html for name, message in messages.items()}
        | {f"/mail/{name}": message.mail_html for name, message in messages.items()}
        | {f"/archive/{page.path}": page.text for page in every_page() if page.path.endswith(".html")}
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious_on_any_page_or_mail(tmp_path: Path, dark: bool) -> None:
    pages = our_pages()

    found = looked_at(pages, tmp_path, dark=dark)

    assert found.keys() == pages.keys()
    assert all(result["passed"] > 10 for result in found.values())
    complaints = {
        path: [
            one
            for one in result["violations"]
            if one["impact"] in {"serious", "critical", "moderate"}
            and not (path.startswith("/mail/") and one["id"] in NOT_FOR_MAILS)
        ]
        for path, result in found.items()
    }
    assert {path: which for path, which in complaints.items() if which} == {}


def test_axe_would_find_what_is_wrong(tmp_path: Path) -> None:
    found = looked_at({"/faulty": FAULTY}, tmp_path, dark=False)

    assert {"image-alt", "color-contrast"} <= {one["id"] for one in found["/faulty"]["violations"]}
