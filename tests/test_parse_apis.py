"""The JSON interfaces of Parliament and GOV.UK: shapes as recorded, words afresh, what must come of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.models import Fetched, Format, Item, ParsedFeed
from monitor.parse import ParseError, parse_feed

from .conftest import make_source, shared

ANSWERS = Path(__file__).parent / "data" / "api"
FORMATS: list[Format] = [form for form in get_args(Format) if form != "feed"]
URL = "https://api.example/list"
LISTS = {"committee-publications": "items", "hansard": "Results"}  # of the others it is "results"
TOTALS = {"govuk-search": "total", "hansard": "TotalResultCount"}  # of the others it is "totalResults"

each_format = pytest.mark.parametrize("form", FORMATS)


def parse(form: Format, body: object) -> ParsedFeed:
    """Reads bytes, or a value as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    source = make_source(name="The list", kind="parliament", format=form)
    return parse_feed(source, Fetched("gazette", URL, 200, raw, "application/json"))


def answer(form: Format) -> Any:
    return json.loads((ANSWERS / f"{form}.json").read_text(encoding="utf-8"))


def item_of(fields: dict[str, str]) -> dict[str, Any]:
    dates = {
        name: fields.get(name) and datetime.fromisoformat(fields[name]) for name in ("published", "updated")
    }
    empty = {"source_id": "gazette", "guid": "", "url": "", "summary": "", "text": "", "outlet": ""}
    return empty | fields | dates


@each_format
def test_an_answer_gives_the_items_written_beside_it(form: Format) -> None:
    expected = json.loads((ANSWERS / f"{form}.expected.json").read_text(encoding="utf-8"))

    feed = parse(form, answer(form))

    assert feed.title == "The list"
    assert [asdict(item) for item in feed.items] == [item_of(fields) for fields in expected["items"]]
    assert feed.skipped == ()


@each_format
@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "an empty answer"),
        (b"<!doctype html><title>Just a moment...</title>", "titled “Just a moment...”"),
        (b"Too many requests", "plain text, not the JSON of an interface"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>', "not the JSON of an interface"),
        (b"[]", "a list where an object was expected"),
        (b"{}", "without its list"),
        (b'{"error": "unknown parameter"}', "without its list"),
        (b'{"results": null, "items": null, "Results": null}', "without its list"),
        (b'{"results": {}, "items": {}, "Results": {}}', "without its list"),
        (b'{"a": ' * 200_000, "nested too deeply"),
        (b"\x1f\x8b\x08\x00abc", "compressed"),
    ],
)
def test_what_is_no_such_answer_is_an_error_that_names_it(form: Format, body: bytes, what: str) -> None:
    with pytest.raises(ParseError) as failure:
        parse(form, body)

    assert what in str(failure.value)
    assert not failure.value.ended


@each_format
def test_an_answer_that_was_cut_off_is_an_error_wherever_it_was_cut(form: Format) -> None:
    whole = json.dumps(answer(form)).encode()

    for length in range(1, len(whole), 97):
        with pytest.raises(ParseError, match="broken JSON"):
            parse(form, whole[:length])


@each_format
def test_no_results_are_no_items(form: Format) -> None:
    assert parse(form, {LISTS.get(form, "results"): []}).items == ()


@each_format
def test_results_that_are_no_objects_are_skipped_with_a_reason(form: Format) -> None:
    name = LISTS.get(form, "results")
    found = answer(form)
    good = len(found[name])
    found[name] = [None, *found[name], "x", [], {}]

    feed = parse(form, found)

    assert len(feed.items) == len(parse(form, answer(form)).items)
    assert len(feed.skipped) == 4
    assert feed.skipped[0] == "entry 1 has neither link nor title nor guid"
    assert good


@each_format
@pytest.mark.parametrize(
    ("results", "said"),
    [([{}], "1 result,"), ([None, 1, "x", [], {"renamed": "x"}, {"value": {"renamed": 1}}], "6 results,")],
)
def test_results_of_which_none_can_be_read_are_an_error(
    form: Format, results: list[object], said: str
) -> None:
    with pytest.raises(ParseError, match=f"{said} and none could be read: perhaps the interface has changed"):
        parse(form, {LISTS.get(form, "results"): results})


@each_format
def test_the_rows_are_counted_and_how_many_there_are_in_all_is_read(form: Format) -> None:
    name, total = LISTS.get(form, "results"), TOTALS.get(form, "totalResults")
    found = answer(form)

    assert (parse(form, found).rows, parse(form, found).total) == (len(found[name]), found[total])
    for wrong in (None, True, -1, "7", [7]):
        assert parse(form, found | {total: wrong}).total is None


def places(thing: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in a JSON value with each of its keys."""
    keys = list(thing) if isinstance(thing, dict) else range(len(thing)) if isinstance(thing, list) else ()
    for key in keys:
        yield thing, key
        yield from places(thing[key])


WRONG: list[object] = [None, True, 10**400, -1.5, "x", "2026", "\ud800", ["x"], {"x": "y"}]


@each_format
def test_a_value_of_any_type_at_any_place_leaves_the_other_results_alone(form: Format) -> None:
    """Each value of the recorded answer in turn becomes each of these; and is left out."""
    untouched = answer(form)
    items = parse(form, untouched).items
    for container, key in list(places(untouched)):
        right = container[key]
        for wrong in WRONG:
            container[key] = wrong
            assert_sane(parse_or_none(form, untouched), items)
        if isinstance(container, dict):
            del container[key]
            assert_sane(parse_or_none(form, untouched), items)
        container[key] = right


def parse_or_none(form: Format, value: object) -> ParsedFeed | None:
    try:
        return parse(form, value)
    except ParseError:
        return None


def assert_sane(feed: ParsedFeed | None, items: tuple[Item, ...]) -> None:
    """No item is lost that the wrong value does not belong to, unless the whole answer was refused."""
    if feed is not None:
        kept = {item.key for item in feed.items} & {item.key for item in items}
        assert len(kept) >= len(items) - 1 or not feed.items
        assert all(item.title and item.key for item in feed.items)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "title", "link", "id", "uin", "House", "documents", "committee"]), inner
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FORMATS), st.lists(JSON, max_size=4))
def test_results_of_any_form_give_items_or_are_skipped(form: Format, results: list[object]) -> None:
    feed = parse_or_none(form, {"results": results, "items": results, "Results": results})

    if feed is None:  # since none could be read
        assert results
        return
    assert len(feed.items) + len(feed.skipped) <= len(results)
    assert all(item.key for item in feed.items)


def many(form: Format, count: int) -> dict[str, Any]:
    """An answer with so many different results, the first of the recorded one as the model."""
    name = LISTS.get(form, "results")
    model = json.dumps(answer(form)[name][0])
    ours = {
        "govuk-search": "minister-opens",
        "written-questions": "4711",
        "written-statements": "901",
        "committee-publications": "51001",
        "hansard": "0A1B",
    }[form]
    return {name: [json.loads(model.replace(ours, f"{ours}{number}")) for number in range(count)]}


@each_format
def test_ten_thousand_results_are_read_up_to_the_limit(form: Format) -> None:
    body = json.dumps(many(form, 10_000)).encode()

    feed = parse(form, body)

    assert len(feed.items) == 2_000
    assert feed.skipped == ("8000 more entries than the 2000 that are read at a time",)


@each_format
def test_an_old_result_keeps_its_date(form: Format) -> None:
    old = json.loads(json.dumps(answer(form)).replace("2026-0", "2016-0"))

    dates = [item.date for item in parse(form, old).items if item.date]

    assert dates
    assert {date.year for date in dates} == {2016}


def test_a_page_through_gov_uks_feed_and_through_its_search_is_one_item() -> None:
    path = Path(__file__).parent / "data" / "feeds" / "govuk-finder.xml"
    feed = parse_feed(
        make_source(), Fetched("gazette", "https://www.gov.uk/x.atom", 200, path.read_bytes(), "")
    )

    searched = parse("govuk-search", answer("govuk-search"))

    assert searched.items[:2] == feed.items


def test_the_real_answer_of_gov_uks_search_is_read() -> None:
    body = (shared("samples") / "govuk-search-api-results.json").read_bytes()

    items = parse("govuk-search", body).items

    assert [item.key for item in items] == [
        "https://www.gov.uk/news-from-hogwarts",
        "https://www.gov.uk/press-release-from-hogwarts",
    ]
    assert all(item.updated and item.summary and not item.published for item in items)


def test_an_answer_makes_a_question_later_than_it_was_and_words_it_anew() -> None:
    found = answer("written-questions")
    asked = parse("written-questions", found).items[0]
    found["results"][0]["value"] |= {
        "dateAnswered": "2026-07-06T00:00:00",
        "answerText": "<p>Yes.</p>",
        "answeringMember": {"name": "Cora Saucer"},
    }

    answered = parse("written-questions", found).items[0]

    assert answered.key == asked.key
    assert answered.published == asked.published
    assert asked.updated
    assert answered.updated
    assert answered.updated > asked.updated
    assert answered.summary.endswith(
        "answered by Cora Saucer for the Foreign, Commonwealth and Development Office."
    )
    assert answered.text.endswith("Yes.")


def test_a_corrected_answer_is_later_than_the_answer() -> None:
    found = answer("written-questions")
    found["results"][1]["value"]["dateAnswerCorrected"] = "2026-02-03T00:00:00"

    corrected = parse("written-questions", found).items[1]

    assert corrected.updated == datetime.fromisoformat("2026-02-03T00:00:00+00:00")


def test_many_speakers_of_a_debate_are_counted() -> None:
    found = answer("hansard")
    model = found["Results"][0]
    found["Results"] = [model | {"MemberName": f"Member {n}", "OrderInDebateSection": n} for n in range(8)]

    (debate,) = parse("hansard", found).items

    assert debate.summary.endswith("Member 0, Member 1, Member 2, Member 3, Member 4 and 3 more.")
    assert debate.text.count("My constituents") == 8
