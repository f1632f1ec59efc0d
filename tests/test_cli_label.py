"""`monitor label` as an analyst meets it, and `monitor test` on the labels."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .loopback import Loopback
from .program import Ran, monitor, rss, write_config

THURSDAY = "2026-01-29T08:30:00Z"
NEWS = (
    ("Starmer meets Xi Jinping in Beijing", "The visit is the first by a British leader in eight years."),
    ("Tariffs on Chinese steel", "The UK keeps its trade remedy."),
    ("Tea in Kenya", "A cup costs less."),
    ("Local news", "It rained. Britain and China agree on trade."),
)
MEETING, TARIFF, TEA, LOCAL = "1234"
"""Ids as the database numbers them: in the order of the feed."""


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a config and a database of four items."""
    folder = tmp_path_factory.mktemp("polled")
    with Loopback() as site:
        site.serve("/feed", rss(*NEWS))
        write_config(folder, site, "{id: gazette, url: '{site}/feed', kind: uk-media}")
        assert monitor("--now", THURSDAY, "poll", cwd=folder).code == 0
    return folder


@pytest.fixture
def desk(polled: Path, tmp_path: Path) -> Path:
    """The same, a copy for each test."""
    shutil.copytree(polled, tmp_path, dirs_exist_ok=True)
    return tmp_path


def label(desk: Path, *args: str) -> Ran:
    return monitor("--now", THURSDAY, "label", *args, cwd=desk)


def refused(run: Ran, *says: str) -> None:
    assert (run.code, run.out) == (2, "")
    for words in says:
        assert words in run.err


def test_a_label_is_recorded_and_compared_with_todays_rules(desk: Path) -> None:
    agreed = label(desk, MEETING, "relevant", "--topics", "diplomacy")
    denied = label(desk, TEA, "relevant")
    other = label(desk, TARIFF, "relevant", "--topics", "diplomacy,diplomacy")

    assert agreed.out.splitlines() == [
        f'Recorded: 1 "{NEWS[0][0]}" is relevant, under diplomacy.',
        "Today's rules agree: relevant, under diplomacy (6 points, 3 needed).",
        "Next: monitor label --next",
    ]
    assert denied.out.splitlines()[1:] == [
        "Today's rules say otherwise: not relevant (no term of the UK or of China).",
        "Next: monitor explain 3",
    ]
    assert (
        "Today's rules agree that it is relevant, but not on its topics: relevant, under trade." in other.out
    )


def test_an_item_is_found_by_its_address_too(desk: Path) -> None:
    run = label(desk, "https://gazette.example/tea-in-kenya?utm_source=mail", "irrelevant")

    assert run.out.startswith('Recorded: 3 "Tea in Kenya" is not relevant.')


def test_a_label_can_be_changed_and_taken_back(desk: Path) -> None:
    label(desk, MEETING, "relevant", "--topics", "trade")
    changed = label(desk, MEETING, "irrelevant", "--json")
    taken = label(desk, MEETING, "none")
    again = label(desk, MEETING, "none", "--json")

    assert changed.json["before"] == {"relevant": True, "topics": ["trade"], "at": THURSDAY}
    assert changed.json["label"] == {"relevant": False, "topics": None, "at": THURSDAY}
    assert changed.json["agrees"] == {"relevance": False, "topics": None}
    assert changed.json["rules"]["topics"] == ["diplomacy"]
    assert taken.out == f'Taken back: 1 "{NEWS[0][0]}" was not relevant.\n'
    assert (again.code, again.json["label"], again.json["before"]) == (0, None, None)


REFUSED = (
    (("4711", "relevant"), "monitor search"),
    ((MEETING,), "relevant, irrelevant or none"),
    ((MEETING, "relevent"), "did you mean relevant?"),
    ((MEETING, "relevant", "--topics", "trad"), "did you mean trade?"),
    ((MEETING, "relevant", "--topics", " , "), "--topics needs"),
    ((MEETING, "irrelevant", "--topics", "trade"), "--topics goes with relevant only"),
    ((MEETING, "none", "--topics", "trade"), "--topics goes with relevant only"),
    (("--topics", "trade"), "which item"),
    (("--next", "5", MEETING, "relevant"), "--next"),
    (("--since", "90d"), "--next"),
    (("--next", "--since", "soon"), "write 90d"),
    (("--next", "0"), "from 1 to 10000"),
)


def test_what_cannot_be_recorded_is_refused_and_nothing_is(desk: Path) -> None:
    for args, says in REFUSED:
        refused(label(desk, *args), says)

    assert label(desk, "--json").json["labels"] == []


def test_labelling_before_the_first_poll_says_what_to_do_and_makes_no_file(tmp_path: Path) -> None:
    write_config(tmp_path)

    refused(label(tmp_path, "1", "relevant"), "monitor poll")
    refused(label(tmp_path), "monitor poll")
    assert not (tmp_path / "data").exists()


def test_all_labels_are_listed_beside_what_the_rules_say_now(desk: Path) -> None:
    nothing = label(desk)
    label(desk, MEETING, "relevant", "--topics", "diplomacy")
    label(desk, TEA, "relevant")
    rules = (
        (desk / "config.yaml").read_text(encoding="utf-8").replace("meets", "Kenya").replace("visit*", "x")
    )
    (desk / "config.yaml").write_text(rules, encoding="utf-8")
    listed = label(desk)

    assert "There are no labels yet" in nothing.out
    assert "Next: monitor label --next" in nothing.out
    head, first, second, _, summary, step = listed.out.splitlines()
    assert head.split() == ["ID", "LABELLED", "LABEL", "TOPICS", "RULES", "SAY", "AGREE", "TITLE"]
    assert first.split()[:6] == ["1", "2026-01-29", "relevant", "diplomacy", "relevant", "no"]
    assert second.split()[:6] == ["3", "2026-01-29", "relevant", "-", "irrelevant", "no"]
    assert summary == "2 labels: 2 relevant, 0 irrelevant. Today's rules agree with 0."
    assert step == "Next: monitor test"
    assert [one["id"] for one in label(desk, "--json").json["labels"]] == [MEETING, TEA]


def test_what_to_label_next_is_nearest_to_the_line_and_without_a_label(desk: Path) -> None:
    first = label(desk, "--next")
    label(desk, LOCAL, "relevant")
    second = label(desk, "--next", "2", "--json")

    assert [line.partition(" ")[0] for line in first.out.splitlines() if line[:1].isdecimal()] == [
        TARIFF,
        LOCAL,
        MEETING,
        TEA,
        "0",
    ]
    assert (
        f"    monitor label {TARIFF} relevant --topics trade\n    monitor label {TARIFF} irrelevant"
        in first.out
    )
    assert [(item["id"], item["rules"]["relevant"]) for item in second.json["items"]] == [
        (TARIFF, True),
        (TEA, False),
    ]
    assert second.json["items"][1]["commands"] == [
        f"monitor label {TEA} {word}" for word in ("relevant", "irrelevant")
    ]


def test_nothing_is_left_to_label_where_all_is_labelled_or_older(desk: Path) -> None:
    old = monitor("--now", "2027-01-29T08:30Z", "label", "--next", cwd=desk)

    assert old.out == (
        "No item without a label was first seen since 31 Oct 2026; --since all looks at all.\n"
    )
    assert (
        len(
            monitor(
                "--now", "2027-01-29T08:30Z", "label", "--next", "--since", "99w", "--json", cwd=desk
            ).json["items"]
        )
        == 4
    )


def test_where_every_item_has_a_label_that_is_said(desk: Path) -> None:
    for item in (MEETING, TARIFF, TEA, LOCAL):
        label(desk, item, "irrelevant")

    assert label(desk, "--next", "--since", "all").out == "All stored items have a label.\n"


def test_what_was_done_to_a_label_has_one_shape_in_json(desk: Path) -> None:
    kept = label(desk, MEETING, "relevant", "--json").json
    taken = label(desk, MEETING, "none", "--json").json

    assert list(taken) == list(kept)
    assert (taken["label"], taken["agrees"]) == (None, {"relevance": None, "topics": None})
    assert (taken["url"], taken["rules"]) == (kept["url"], kept["rules"])
    assert taken["before"] == kept["label"]


def test_a_number_that_is_none_is_told_in_words(desk: Path) -> None:
    refused(label(desk, "--next", "some"), "'some' is not a whole number from 1 to 10000")


def test_the_labels_are_what_test_scores_without_a_file(desk: Path) -> None:
    refused(monitor("test", cwd=desk), "no labels yet", "monitor label --next", "monitor test FILE")
    label(desk, MEETING, "relevant", "--topics", "trade")
    label(desk, TARIFF, "relevant", "--topics", "trade")
    label(desk, TEA, "relevant")

    scored = monitor("test", "--json", cwd=desk)
    told = monitor("test", "--min-f1", "0.9", cwd=desk)

    assert scored.code == 0
    assert list(scored.json) == ["schema_version", "n", "relevance", "topics", "stories", "failures"]
    assert (scored.json["n"], scored.json["relevance"]["tp"], scored.json["relevance"]["fn"]) == (3, 2, 1)
    assert [one["id"] for one in scored.json["failures"]] == [MEETING, TEA]
    assert told.code == 1
    assert "missed  3  Tea in Kenya" in told.out
    assert "    label: trade; rules: diplomacy" in told.out
    assert "3 examples: 1 wrong in relevance, 1 more in topics" in told.out


def test_labels_are_added_to_files_on_request(desk: Path) -> None:
    (desk / "tests.yaml").write_text("- {text: UK-China trade, expect: [trade]}\n", encoding="utf-8")
    none_yet = monitor("test", "tests.yaml", "--labels", cwd=desk)
    label(desk, TEA, "irrelevant")

    assert (none_yet.code, "no labels" in none_yet.err) == (0, True)
    assert monitor("test", "tests.yaml", "--json", cwd=desk).json["n"] == 1
    assert monitor("test", "tests.yaml", "--labels", "--json", cwd=desk).json["n"] == 2


def test_a_label_with_a_topic_that_the_config_has_no_more_is_named(desk: Path) -> None:
    label(desk, TARIFF, "relevant", "--topics", "trade")
    rules = (desk / "config.yaml").read_text(encoding="utf-8").replace("  trade:", "  commerce:")
    (desk / "config.yaml").write_text(rules, encoding="utf-8")

    run = monitor("test", cwd=desk)

    assert 'the label of 2 has the topic "trade", which is not in the config' in run.err
    assert "    label: trade; rules: commerce" in run.out
