"""`monitor diff` and `monitor reclassify` as their users meet them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor import config
from monitor.models import Assessed, FeedState, Label, SourceOutcome
from monitor.store import Store

from .conftest import NOW, make_item, make_source
from .loopback import Loopback
from .program import RULES, Ran, monitor, rss, write_config

AT = ("--now", "2026-01-29T09:00:00Z")
TITLES = (
    "Starmer meets Xi Jinping in Beijing",
    "Whitehall weighs Chinese embassy",
    "Britain and China agree on tariffs",
    "Tea in Kenya",
)
DRAFT = RULES.replace("UK, Britain, British, Starmer", "UK, Britain, British, Whitehall").replace(
    "tariff*]", "tariff* ^2, agree]"
)


def fill(folder: Path, *titles: str, age: timedelta = timedelta(hours=1)) -> None:
    """Stores items as a poll under the folder's config would."""
    loaded = config.load(folder / "config.yaml", {})
    assessed = []
    for title in titles:
        item = make_item(title)
        assessed.append(Assessed(item, loaded.rulebook.classify(item)))
    with Store.open(loaded.database) as store:
        store.sync_sources([make_source()])
        store.record(SourceOutcome(FeedState("gazette"), "ok", tuple(assessed)), NOW - age)


def keep_label(folder: Path, item_id: int, relevant: bool) -> None:
    with Store.open(folder / "data" / "monitor.db") as store:
        store.set_label(Label(item_id, relevant, None, NOW))


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with a config, a draft of another, and a database of four items."""
    write_config(tmp_path)
    (tmp_path / "drafts").mkdir()
    write_config(tmp_path / "drafts", rules=DRAFT).rename(tmp_path / "drafts" / "draft.yaml")
    fill(tmp_path, *TITLES)
    return tmp_path


def refused(run: Ran, *says: str) -> None:
    assert run.code == 2
    assert run.out == ""
    for words in says:
        assert words in run.err


def test_a_draft_shows_what_enters_what_leaves_and_each_changed_term(desk: Path) -> None:
    tried = monitor(*AT, "diff", "--rules", "drafts/draft.yaml", cwd=desk)

    assert tried.code == 0
    lines = tried.out.splitlines()
    assert lines[0] == "drafts/draft.yaml tried on 4 items first seen since 31 Oct 2025:"
    assert lines[1:6] == [
        '  - uk     "Starmer"                  1 hit in 1 item   1 leaves',
        '  + uk     "Whitehall"                1 hit in 1 item   1 enters',
        '  ~ trade  "tariff*" → "tariff* ^2"   1 hit in 1 item   no item moves',
        '  + trade  "agree"                    1 hit in 1 item   no item moves',
        "",
    ]
    assert "1 item enters:" in lines
    assert f"  + 2  Gazette, 29 Jan 2026: {TITLES[1]}" in lines
    assert '      + uk "Whitehall": [Whitehall] weighs Chinese embassy' in lines
    assert f"  - 1  Gazette, 29 Jan 2026: {TITLES[0]}" in lines
    assert ": +1 −1, 0 re-filed, 2 unchanged." in tried.out
    assert "NOT called safe:" in lines
    assert "  4 items: too few to call safe; want 200" in lines
    assert lines[-1].startswith("Next: monitor explain 1;")


def test_diff_as_json_has_counts_terms_samples_labels_and_the_verdict(desk: Path) -> None:
    keep_label(desk, 2, relevant=True)

    found = monitor(*AT, "diff", "--add", "uk:Whitehall", "--since", "12w", "--json", cwd=desk).json

    assert list(found) == [
        *("schema_version", "since", "rules", "replayed", "entered", "left", "refiled", "unchanged"),
        *(
            "other_versions",
            "terms",
            "weights",
            "sides",
            "topics_reordered",
            "samples",
            "labels",
            "safe",
            "why",
        ),
    ]
    assert (found["replayed"], found["entered"], found["since"]) == (4, 1, "2025-11-06T09:00:00Z")
    assert found["terms"] == [
        {
            "where": "uk",
            "term": "Whitehall",
            "change": "added",
            "old": None,
            "items": 1,
            "hits": 1,
            "entered": 1,
            "left": 0,
            "refiled": 0,
        }
    ]
    (sample,) = found["samples"]["entered"]
    assert (sample["id"], sample["label"], sample["topics_after"]) == ("2", "relevant", ["diplomacy"])
    assert sample["terms"][0]["context"] == "[Whitehall] weighs Chinese embassy"
    assert found["labels"]["gained"] == 1
    assert (found["safe"], found["why"]) == (False, ["4 items: too few to call safe; want 200"])


def test_losing_an_item_labelled_relevant_ends_with_1_and_shows_it_first(desk: Path) -> None:
    keep_label(desk, 1, relevant=True)

    tried = monitor(*AT, "diff", "--drop", "uk:Starmer", "--drop", "uk:Britain", "--show", "1", cwd=desk)

    assert tried.code == 1
    assert "1 item labelled relevant and lost:\n  - 1  Gazette" in tried.out
    assert "2 items leave (the newest 1):\n  - 3  Gazette" in tried.out
    assert "Labels (1 of these items): 1 item labelled relevant is lost." in tried.out
    assert "  1 item labelled relevant is lost\n" in tried.out


def test_nothing_lost_is_said_in_words(desk: Path) -> None:
    keep_label(desk, 1, relevant=True)

    tried = monitor(*AT, "diff", "--add", "trade:agree", cwd=desk)

    assert tried.code == 0
    assert "No item labelled relevant is lost. No item labelled irrelevant comes in." in tried.out


def test_a_draft_with_the_same_rules_changes_nothing_and_needs_no_database(tmp_path: Path) -> None:
    # A draft may leave out the sources: what they imply stays as it is.
    write_config(tmp_path).rename(tmp_path / "draft.yaml")
    write_config(tmp_path, sources="{id: gazette, url: 'https://gazette.example/', kind: other, side: uk}")

    same = monitor("diff", "--rules", "draft.yaml", cwd=tmp_path)
    as_json = monitor("diff", "--rules", "draft.yaml", "--json", cwd=tmp_path)

    assert (same.code, same.out) == (0, "Nothing changes: draft.yaml has the same rules as config.yaml.\n")
    assert (as_json.json["safe"], as_json.json["why"]) == (True, ["the rules are the same"])


def test_without_stored_items_diff_says_what_to_do(
    desk: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    empty = tmp_path_factory.mktemp("empty")
    write_config(empty)

    no_database = monitor("diff", "--add", "uk:Kew", cwd=empty)
    fill(empty)
    no_items = monitor("diff", "--add", "uk:Kew", cwd=empty)
    none_since = monitor("--now", "2027-01-01", "diff", "--add", "uk:Kew", cwd=desk)
    all_of_them = monitor("--now", "2027-01-01", "diff", "--add", "uk:Kew", "--since", "all", cwd=desk)

    refused(no_database, "monitor poll")
    assert no_items.out == "Nothing is stored yet: run `monitor poll` first.\n"
    assert none_since.out == (
        "No stored item was first seen since 3 Oct 2026; --since all takes in all 4 items.\n"
    )
    assert all_of_them.out.startswith("config.yaml with 1 edit tried on 4 items stored:")
    assert [no_items.code, none_since.code, all_of_them.code] == [0, 0, 0]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ([], ["--rules FILE", "--add"]),
        (["--add", "trad:x"], ['there is no topic or list "trad"', "did you mean trade?"]),
        (["--add", "trade:steel NEAR Jingye"], ["    steel NEAR Jingye\n          ^\n", "NEAR/5"]),
        (["--rules", "nowhere.yaml"], ["there is no file nowhere.yaml", "copy config.yaml"]),
        (["--rules", "bad.yaml"], ["bad.yaml:2:1", "topics"]),
        (["--add", "uk:Kew", "--since", "soon"], ["--since", "90d"]),
    ],
)
def test_what_cannot_be_tried_is_refused_with_its_place(desk: Path, args: list[str], says: list[str]) -> None:
    (desk / "bad.yaml").write_text("sources: []\ntopcis: {}\n", encoding="utf-8")

    refused(monitor(*AT, "diff", *args, cwd=desk), *says)


def test_reclassify_says_what_changes_writes_it_and_leaves_what_is_of_todays_rules(desk: Path) -> None:
    write_config(desk, rules=DRAFT)

    said = monitor(*AT, "reclassify", "--dry-run", cwd=desk)
    done = monitor(*AT, "reclassify", "--json", cwd=desk)
    again = monitor(*AT, "reclassify", cwd=desk)

    assert [run.code for run in (said, done, again)] == [0, 0, 0]
    assert "4 items of 4 had verdicts of other rules.\n\n1 item enters:\n  + 2  Gazette" in said.out
    assert "Nothing was written (--dry-run)." in said.out
    assert (done.json["written"], done.json["entered"], done.json["left"]) == (4, 1, 1)
    assert done.json["digests"] == [{"digest": "daily", "waiting_before": 2, "waiting": 2}]
    assert again.out.startswith("Nothing to do: today's rules (")
    version = done.json["rules_version"]
    with Store.open(desk / "data" / "monitor.db", read_only=True) as store:
        assert [(one.verdict.relevant, one.verdict.rules_version) for one in store.each_item()] == [
            (relevant, version) for relevant in (False, True, True, False)
        ]


def test_what_newly_matches_comes_in_the_next_edition_and_the_last_one_stays(desk: Path) -> None:
    first = monitor(*AT, "digest", "--json", cwd=desk)
    page = Path(first.json["html"]).read_text(encoding="utf-8")
    write_config(desk, rules=DRAFT)

    done = monitor(*AT, "reclassify", cwd=desk)
    second = monitor("--now", "2026-01-29T10:00:00Z", "digest", "--json", cwd=desk)

    assert "4 verdicts written. Editions that are out do not change." in done.out
    assert (
        "UK-China daily: 1 item that no edition has shown will come in the next one (0 before)." in done.out
    )
    assert Path(first.json["html"]).read_text(encoding="utf-8") == page
    shown = Path(second.json["text"]).read_text(encoding="utf-8")
    assert [title in shown for title in TITLES] == [False, True, False, False]


def test_reclassify_without_a_database_makes_none(tmp_path: Path) -> None:
    write_config(tmp_path)

    refused(monitor("reclassify", cwd=tmp_path), "monitor poll")
    assert not (tmp_path / "data").exists()


def test_an_edit_of_the_config_and_a_poll_of_unchanged_feeds_rewrite_no_verdict(tmp_path: Path) -> None:
    with Loopback() as site:
        site.serve("/feed", rss(*((title, "In short.") for title in TITLES)))
        source = "{id: gazette, url: '{site}/feed', kind: uk-media}"
        write_config(tmp_path, site, source)
        assert monitor(*AT, "poll", cwd=tmp_path).code == 0
        write_config(tmp_path, site, source, rules=DRAFT)
        polled = monitor("--now", "2026-01-29T10:00:00Z", "poll", "--all", "--json", cwd=tmp_path)

    before = monitor("explain", "2", "--json", cwd=tmp_path).json
    told = monitor("explain", "2", cwd=tmp_path).out
    assert monitor(*AT, "reclassify", cwd=tmp_path).code == 0
    after = monitor("explain", "2", "--json", cwd=tmp_path).json

    assert (polled.json["new"], polled.json["updated"]) == (0, 0)
    old, new = before["stored_rules_version"], before["rules_version"]
    assert old != new
    assert f"Stored as not relevant under rules {old}; these are {new}." in told
    assert (after["stored_rules_version"], after["rules_version"]) == (new, new)


@pytest.mark.parametrize("option", [[], ["--dry-run"]])
def test_reclassify_too_ends_with_1_where_an_item_labelled_relevant_is_lost(
    desk: Path, option: list[str]
) -> None:
    keep_label(desk, 1, relevant=True)
    write_config(desk, rules=DRAFT)

    lost = monitor(*AT, "reclassify", *option, cwd=desk)

    assert lost.code == 1
    assert "1 item labelled relevant and lost:\n  - 1  Gazette" in lost.out


def test_reclassify_refuses_an_empty_file_as_diff_does(tmp_path: Path) -> None:
    write_config(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "monitor.db").touch()

    refused(monitor("reclassify", cwd=tmp_path), "holds nothing yet: run `monitor poll` first")
    refused(monitor("diff", "--add", "uk:Kew", cwd=tmp_path), "holds nothing yet: run `monitor poll` first")
    assert (tmp_path / "data" / "monitor.db").stat().st_size == 0


def test_sources_that_only_the_draft_has_are_summed_up_in_a_line(desk: Path) -> None:
    rows = "\n".join(f"{{id: s{n}, url: 'https://{n}.example/', kind: other, side: uk}}" for n in range(1, 5))
    (desk / "drafts" / "more").mkdir()
    write_config(desk / "drafts" / "more", sources=rows).rename(desk / "draft.yaml")

    tried = monitor(*AT, "diff", "--rules", "draft.yaml", cwd=desk)

    assert tried.out.splitlines()[1:3] == [
        "  + 4 sources of the draft that config.yaml does not have stand for a side",
        "",
    ]


def test_an_item_can_be_judged_as_if_it_came_from_another_source(desk: Path) -> None:
    write_config(desk, sources="{id: gov, url: 'https://gov.example/feed', kind: official-uk, side: uk}")

    plain = monitor("explain", "2", cwd=desk)
    other = monitor("explain", "2", "--source", "gov", cwd=desk)
    as_json = monitor("explain", "2", "--source", "gov", "--json", cwd=desk).json

    assert plain.out.splitlines()[1] == "NOT RELEVANT: China yes, UK no. China +3"
    assert other.out.splitlines()[1:3] == [
        "Judged as if it came from gov, not from gazette.",
        "RELEVANT: 5 points, 3 needed. UK +2, China +3 (the source implies: uk)",
    ]
    assert (as_json["source_side"], as_json["relevant"]) == ("uk", True)


def test_explain_refuses_what_it_would_not_use(desk: Path) -> None:
    refused(monitor("explain", "2", "--summary", "Tea", cwd=desk), "--summary goes with --title")
    refused(monitor("explain", "2", "--source", "gasette", cwd=desk), "there is no source 'gasette'")


def test_explain_counts_in_words_and_leaves_no_blank_at_the_end(desk: Path) -> None:
    nothing = monitor("explain", "--title", "Tea in Kenya", cwd=desk)
    many = monitor("explain", "--title", "UK UK UK Britain Britain Britain British tea", cwd=desk)

    assert nothing.out.splitlines()[1] == "NOT RELEVANT: no term of the UK or of China."
    assert "  UK         and 1 more place\n" in many.out
