"""How often a server is really asked: counted on the server, over polls of the real program."""

from __future__ import annotations

from pathlib import Path

from .loopback import Loopback
from .program import monitor, rss, write_config

SOURCES = """
{id: good, url: '{site}/good', kind: other}
{id: busy, url: '{site}/busy', kind: other}
{id: gone, url: '{site}/gone', kind: other}
{id: absurd, url: '{site}/absurd', kind: other}
"""


def test_who_asks_for_leave_gets_it_and_nobody_else_waits(tmp_path: Path) -> None:
    asked: list[list[int]] = []
    with Loopback() as site:
        site.serve("/good", rss(("Tea", "A cup.")), etag='W/"1"')
        site.serve("/busy", status=429, headers={"Retry-After": "7200"})
        site.serve("/gone", status=410)
        site.serve("/absurd", status=503, headers={"Retry-After": "9" * 40})
        write_config(tmp_path, site, SOURCES)
        for now in ("2026-01-29T08:00", "2026-01-29T09:00", "2026-01-29T10:45", "2026-01-30T11:00"):
            assert monitor("--now", f"{now}Z", "poll", cwd=tmp_path).code == 0
            asked.append([site.count(f"/{id_}") for id_ in ("good", "busy", "gone", "absurd")])
        known = [request.headers["If-None-Match"] for request in site.requests if request.path == "/good"]

    # Two hours were asked for; what is gone is looked at once a day; a wish has its limit, a day.
    assert asked == [[1, 1, 1, 1], [2, 1, 1, 1], [3, 2, 1, 1], [4, 3, 2, 2]]
    assert known == [None, 'W/"1"', 'W/"1"', 'W/"1"']
