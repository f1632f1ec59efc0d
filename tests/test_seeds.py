"""The five articles that show what readers care about, as items of a feed, polled with the shipped rules."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from .conftest import PROJECT, shared
from .loopback import Loopback
from .program import monitor, rss

# Two of the texts have no headline; these two are ours. Of the others it is the line with this number.
TITLES: dict[str, str | int] = {
    "000": "UK and China to hold first trade talks in seven years",
    "001": 2,
    "002": 1,
    "003": "Starmer meets Xi as both sides seek closer trade ties",
    "004": 0,
}
DATES = {
    "000": datetime(2025, 9, 10, 9, tzinfo=UTC),
    "001": datetime(2025, 6, 25, 9, tzinfo=UTC),
    "002": datetime(2025, 11, 11, 9, tzinfo=UTC),
    "003": datetime(2026, 1, 29, 6, tzinfo=UTC),
    "004": datetime(2026, 1, 29, 7, tzinfo=UTC),
}
TOPICS = {
    "000": {"trade"},
    "001": {"security", "diplomacy", "trade"},
    "002": {"science"},
    "003": {"diplomacy"},
    "004": {"diplomacy"},
}


def article(number: str) -> tuple[str, list[str]]:
    """Headline and the paragraphs below it."""
    (path,) = shared("seeds").glob(f"{number}_*.txt")
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    title = TITLES[number]
    return (title, lines) if isinstance(title, str) else (lines[title], lines[title + 1 :])


@pytest.fixture(scope="module", params=[3, 5, 1000], ids=lambda n: f"{n} paragraphs")
def polled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Number → item as JSON with "story" and "matches"; each article comes from an outlet of its own."""
    folder = tmp_path_factory.mktemp("seeds")
    articles = {number: article(number) for number in TITLES}
    shipped = (PROJECT / "config.yaml").read_text(encoding="utf-8")
    rules = shipped[shipped.index("\nrules:") : shipped.index("\ndigests:")]
    with Loopback() as site:
        for number, (title, lines) in articles.items():
            site.serve(f"/{number}", rss((title, "\n".join(lines[: request.param]), DATES[number])))
        (folder / "config.yaml").write_text(
            f'network: {{allow_private: ["{site.host}"]}}\nsources:\n'
            + "".join(f"  - {{id: s{n}, url: '{site.url(f'/{n}')}', kind: other}}\n" for n in articles)
            + rules
            + "\ndigests:\n  daily: {title: Daily, schedule: '30 8 * * *'}\n",
            encoding="utf-8",
        )
        assert monitor("--now", "2026-01-29T08:30Z", "poll", cwd=folder).code == 0
    made = monitor("--now", "2026-01-29T08:30Z", "digest", "--json", cwd=folder).json
    stories = json.loads(Path(made["json"]).read_text(encoding="utf-8"))["stories"]
    found: dict[str, Any] = {}
    for story in stories:
        for item in story["items"]:
            explained = monitor("explain", item["id"], "--json", cwd=folder).json
            shown = monitor("show", item["id"], "--json", cwd=folder).json
            found[item["source_id"][1:]] = shown | {"story": story["id"], "matches": explained["matches"]}
    return found


@pytest.mark.parametrize("number", TITLES)
def test_it_is_relevant_under_the_topic_it_is_about(polled: dict[str, Any], number: str) -> None:
    assert polled[number]["relevant"] is True
    assert polled[number]["topics"][0] in TOPICS[number]


def test_the_two_reports_of_one_meeting_are_one_story_and_the_others_stand_alone(
    polled: dict[str, Any],
) -> None:
    stories = [polled[number]["story"] for number in sorted(polled)]

    assert stories[3] == stories[4]
    assert len(set(stories)) == 4


def test_page_furniture_is_gone_and_gives_no_match(polled: dict[str, Any]) -> None:
    text = {number: polled[number]["summary"] + polled[number]["text"] for number in polled}

    assert "Stay informed" not in text["003"]
    assert "myFT" not in text["003"]
    assert "Related News" not in text["004"]
    assert "Bangladesh" not in text["004"]
    assert not any(
        "myFT" in m["context"] or "Related News" in m["context"] for n in text for m in polled[n]["matches"]
    )
