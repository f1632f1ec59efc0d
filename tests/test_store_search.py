"""Search: what analysts type finds what they mean, and nothing they type breaks it."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.store import Store, StoreError
from monitor.store.query import CJK, pattern
from monitor.store.schema import HAS_WIDE
from monitor.text import alike

from .conftest import NOW, make_item
from .storing import IRRELEVANT, RELEVANT, govuk, later, open_store, record


@pytest.fixture(name="store", scope="module")
def a_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("search")) as store:
        record(
            store,
            make_item(
                "Royal Mint Court: embassy decision", summary="Ministers approved the Chinese embassy."
            ),
        )
        record(
            store,
            make_item("Tariffs on steel", summary="British Steel and Jingye.", text="The café reopened."),
        )
        record(store, make_item("Steel prices fall", summary="A market note."), verdict=IRRELEVANT)
        record(
            store,
            make_item("英国首相访问中国", summary="斯塔默在北京会见习近平，讨论100%关税。"),
            at=later(hours=1),
        )
        record(store, make_item("中国驻英国大使馆", summary="UK ministers visit."), at=later(hours=2))
        yield store


def found(store: Store, query: str, **within: Any) -> list[int]:
    return sorted(hit.judged.id for hit in store.search(query, alike=alike, **within))


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("embassy", [1]),
        ("EMBASSY approved", [1]),
        ("steel", [2, 3]),
        ("steel embassy", []),
        ("steel OR embassy", [1, 2, 3]),
        ("steel AND jingye", [2]),
        ("steel NOT jingye", [3]),
        ("steel AND NOT jingye", [3]),
        ("steel (jingye OR market)", [2, 3]),
        ("(steel OR embassy) NOT (jingye OR market)", [1]),
        ("jingye OR market AND note", [2, 3]),
        ('"royal mint"', [1]),
        ('"mint royal"', []),
        ('"royal mint', [1]),
        ("tariff", []),
        ("tariff*", [2]),
        ("cafe", [2]),
        ("ministers & embassy", [1]),
        ("steel,jingye", []),
        ("royal-mint", [1]),
        ('"and"', [2]),
        ("title:steel", []),
        ("O'Neill", []),
        ("英国", [4, 5]),
        ("英国 关税", [4]),
        ("英国 NOT 关税", [5]),
        ("英国 ministers", [5]),
        ("大使馆 OR embassy", [1, 5]),
        ('"访问中国"', [4]),
        ("100%关税", [4]),
        ("1%关税", []),
        ("英国*", [4, 5]),
        ("英國", [4, 5]),
        ("英國 關稅", [4]),
        ("１００％關稅", [4]),
        ("大使館 OR embassy", [1, 5]),
        ("steel NOT 英國", [2, 3]),
    ],
)
def test_a_query_finds(store: Store, query: str, ids: list[int]) -> None:
    assert found(store, query) == ids


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "no word to look for"),
        ("& ! ??", "no word to look for"),
        ("AND", "no word to look for"),
        ("NOT steel", "the query has NOT where a word is wanted"),
        ("steel OR", "ends where a word is wanted"),
        ("steel AND OR jingye", "the query has OR where a word is wanted"),
        ("(steel", "an opening parenthesis without a closing one"),
        ("steel)", "a closing parenthesis without an opening one"),
        ("steel ()", "the query has ) where a word is wanted"),
        ("a " * 51, "longer than 50 words"),
        ("(" * 21 + "a", "20 parentheses"),
    ],
)
def test_a_query_that_cannot_be_read_says_why(store: Store, query: str, reason: str) -> None:
    with pytest.raises(StoreError) as error:
        store.search(query)

    assert reason in str(error.value)


def test_the_longest_query_is_within_what_sqlite_takes(store: Store) -> None:
    nested = "(" * 20 + "steel" + ")" * 20

    assert found(store, " OR ".join(["steel"] * 49 + [nested])) == [2, 3]


PIECES = [*"()\"*^:+-{}\\\0' ,", " AND ", " OR ", " NOT ", " NEAR", "steel", "title:", "中", "\ud800"]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_no_query_reaches_sqlite_as_a_syntax_error(store: Store, query: str) -> None:
    answer: object
    try:
        answer = store.search(query)
    except StoreError as error:
        answer = str(error)

    assert isinstance(answer, tuple) or str(answer).startswith("the query ")


def test_only_relevant_items_where_that_is_asked(store: Store) -> None:
    assert found(store, "steel", relevant_only=True) == [2]
    assert found(store, "英国", relevant_only=True) == [4, 5]


@pytest.mark.parametrize("query", ["steel OR embassy OR visit", "英国 OR 大使馆", "英国 OR embassy OR steel"])
def test_only_items_of_a_time_and_a_topic_where_that_is_asked(store: Store, query: str) -> None:
    everywhere = found(store, query)

    assert found(store, query, since=NOW) == everywhere
    assert found(store, query, since=later(hours=1)) == [id_ for id_ in everywhere if id_ >= 4]
    assert found(store, query, since=later(hours=3)) == []
    assert found(store, query, topics=["diplomacy", "trade"]) == [id_ for id_ in everywhere if id_ != 3]
    assert found(store, query, topics=["trade"]) == []


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("国务院", "新華社：[國務院]發布G7聲明"),
        ("發布g7", "新華社：國務院[發布G7]聲明"),
        ("台湾", "[臺灣]海峽局勢"),
        ("臺灣", "[臺灣]海峽局勢"),
        ("カタカナ", "[カタカナ]の見出し"),
        ("한국", "[한국] 뉴스"),
    ],
)
def test_a_word_is_found_within_a_run_of_characters_in_every_spelling(
    tmp_path: Path, query: str, title: str
) -> None:
    with open_store(tmp_path) as store:
        titles = ["新華社：國務院發布G7聲明", "臺灣海峽局勢", "カタカナの見出し", "한국 뉴스"]
        record(store, *map(make_item, titles), make_item("State Council", summary="Nothing in Chinese."))

        assert [hit.title for hit in store.search(query, alike=alike)] == [title]


def test_a_query_for_chinese_reads_only_items_that_have_such_characters(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, *(make_item(f"Item {n}", text="Only ASCII.") for n in range(20)))
        record(store, make_item("Prices in £ – “dearer”", text="Café, naïve."))
        record(store, make_item("Title", summary="In the summary: 英国"), make_item("Two", text="英国 too"))
        assert len(store.search("英国")) == 2

    with closing(sqlite3.connect(tmp_path / "monitor.db")) as db:
        plan = db.execute(
            f"EXPLAIN QUERY PLAN SELECT id FROM items INDEXED BY items_wide WHERE {HAS_WIDE} "
            "ORDER BY first_seen DESC, id DESC"
        ).fetchall()
        assert [step[3] for step in plan] == ["SCAN items USING INDEX items_wide"]
        assert db.execute(f"SELECT count(*) FROM items WHERE {HAS_WIDE}").fetchone() == (2,)


def chinese(dice: random.Random) -> str:
    """A few characters, some of them in another spelling, among others."""
    return "".join(dice.choices("英国國关關税稅大⼤使馆 .aU\n", k=dice.randrange(6)))


@pytest.mark.parametrize("seed", range(4))
def test_chinese_words_are_found_as_by_reading_every_text(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    texts = [(chinese(dice), chinese(dice), chinese(dice)) for _ in range(150)]
    queries = [
        f'"{one}"' for _ in range(60) if CJK.search(one := chinese(dice).replace("\n", " ").strip()[:3])
    ]
    with open_store(tmp_path) as store:
        for hour, (title, summary, text) in enumerate(texts):
            verdict = dice.choice((RELEVANT, IRRELEVANT))
            item = make_item(f"No. {hour}: {title}", summary=summary, text=text)
            record(store, item, at=later(hours=hour // 3), verdict=verdict)
        items = sorted(store.each_item(), key=lambda one: (one.first_seen, one.id), reverse=True)

        for query in queries:
            sought = re.compile(pattern(query.strip('"'), alike), re.IGNORECASE)
            has_it = [
                one
                for one in items
                if any(sought.search(text) for text in (one.item.title, one.item.summary, one.item.text))
            ]
            for within, fits in (
                ({}, has_it),
                ({"relevant_only": True}, [one for one in has_it if one.verdict.relevant]),
                ({"since": later(hours=20)}, [one for one in has_it if one.first_seen >= later(hours=20)]),
            ):
                hits = store.search(query, alike=alike, limit=7, **within)
                assert [hit.judged for hit in hits] == fits[:7]


def test_no_chinese_word_is_found_across_two_texts(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("访问英", summary="国会", text="大使"))

        assert [len(store.search(word)) for word in ("访问英", "国会", "大使")] == [1, 1, 1]
        assert [len(store.search(word)) for word in ("英国", "会大")] == [0, 0]


def test_the_title_weighs_most(store: Store) -> None:
    in_title, in_summary = store.search("visit OR royal")

    assert (in_title.judged.id, in_summary.judged.id) == (1, 5)


def test_of_very_many_that_hold_a_word_the_best_of_the_latest_are_found(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("Tea", summary="Tea."))
        record(store, make_item("Teas", summary="Tea with milk and biscuits."))
        with closing(sqlite3.connect(tmp_path / "monitor.db")) as db, db:
            names = [row[1] for row in db.execute("PRAGMA table_info(items)") if row[1] not in ("id", "key")]
            db.execute(
                f"""
                WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 19999)
                INSERT INTO items (key, {", ".join(names)})
                SELECT n, {", ".join(names)} FROM items, numbers WHERE id = 2
                """
            )
            db.execute(
                "INSERT INTO items_fts (rowid, title, summary, text) "
                "SELECT id, title, summary, text FROM items WHERE id > 2"
            )

        assert store.search("tea", limit=1)[0].judged.id != 1
        record(store, make_item("Tea again", summary="Tea."))
        assert store.search("tea", limit=1)[0].judged.id == 20_002
        assert found(store, "tea NOT milk") == [1, 20_002]


def test_no_more_hits_than_asked_for(store: Store) -> None:
    assert len(store.search("steel", limit=1)) == len(store.search("英国", limit=1)) == 1


def test_found_words_are_marked(store: Store) -> None:
    (hit,) = store.search("embassy ministers", markers=("<<", ">>"))

    assert hit.title == "Royal Mint Court: <<embassy>> decision"
    assert hit.excerpt == "<<Ministers>> approved the Chinese <<embassy>>."


def test_found_chinese_words_are_marked_and_the_latest_comes_first(store: Store) -> None:
    latest, earlier = store.search("英国 OR 关税")

    assert (latest.title, latest.excerpt) == ("中国驻[英国]大使馆", "中国驻[英国]大使馆")
    assert (earlier.title, earlier.excerpt) == (
        "[英国]首相访问中国",
        "斯塔默在北京会见习近平，讨论100%[关税]。",
    )


def test_words_behind_a_not_are_not_marked(store: Store) -> None:
    (hit,) = store.search("大使馆 NOT 关税")

    assert hit.title == "中国驻英国[大使馆]"


def test_a_long_chinese_text_is_cut_around_the_word(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, make_item("标题", text="前" * 300 + "英国" + "后" * 300))

        (hit,) = store.search("英国")

    assert hit.excerpt == "…" + "前" * 60 + "[英国]" + "后" * 118 + "…"


def test_an_updated_item_is_found_by_its_new_words_only(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        record(store, govuk("Alpha guidance", summary="Beta.", text="Gamma."))
        record(store, govuk("Delta guidance", summary="Epsilon.", text="Zeta.", updated=later(days=1)))

        assert [found(store, w) for w in ("alpha", "beta", "gamma")] == [[], [], []]
        assert [found(store, w) for w in ("delta", "epsilon", "zeta", "guidance")] == [[1]] * 4
