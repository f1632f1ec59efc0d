"""What goes into an edition, where it stands, and the lines that sum it up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.digest import (
    OTHER,
    REISSUED,
    Limits,
    build_digest,
    counts,
    coverage,
    extract,
    independent_outlets,
    preheader,
    subject,
    why_line_matches,
    wire_copies,
)
from monitor.models import (
    Coverage,
    Digest,
    Earlier,
    Edition,
    Judged,
    Match,
    Notice,
    SourceHealth,
    Story,
    Topic,
    Update,
    Verdict,
)
from tests.conftest import NOW, make_judged

DIPLOMACY = Topic("diplomacy", "Diplomacy")
TRADE = Topic("trade", "Trade and investment")
SECURITY = Topic("security", "Security")
TOPICS = (DIPLOMACY, TRADE, SECURITY)

DAY = timedelta(days=1)
EDITION = Edition("daily", "UK-China daily", NOW - DAY, NOW, date(2026, 1, 29))
WEEK = Edition("weekly", "UK-China weekly", NOW - 7 * DAY, NOW, date(2026, 2, 2))


def covered(*statuses: Any, looked_at: int = 187) -> Coverage:
    sources = tuple(SourceHealth(f"s{n}", f"Source {n}", status) for n, status in enumerate(statuses))
    return Coverage(sources, looked_at, 5, "rules1")


ALL_READ = covered(*["ok"] * 14)


def about(*topics: str, score: float = 6.0, matches: tuple[Match, ...] = ()) -> Verdict:
    return Verdict(True, score, topics, matches, "rules1")


def make_story(id: int = 1, *others: Judged, **changes: Any) -> Story:  # noqa: A002
    """A story of one report, or of the report and `others`; topics=, score= make its verdict."""
    topics = changes.pop("topics", ("diplomacy",))
    values = {"verdict": about(*topics, score=changes.pop("score", 6.0))} | changes
    lead = make_judged(values.pop("title", f"Report number {id}"), id=id, **values)
    return Story(f"s{id}", (lead, *others))


def told_twice(id: int, **changes: Any) -> Story:  # noqa: A002
    other = make_judged(
        f"Another view of {id}", id=id + 1000, outlet="Herald", published=changes.get("published")
    )
    return make_story(id, other, **changes)


def build(*stories: Story, **changes: Any) -> Digest:
    values: dict[str, Any] = {"edition": EDITION, "coverage": ALL_READ, "topics": TOPICS} | changes
    return build_digest(
        values.pop("edition"), stories, values.pop("coverage"), values.pop("topics"), **values
    )


def ids(stories: tuple[Story, ...]) -> list[str]:
    return [story.id for story in stories]


# --- blocks ----------------------------------------------------------------------------------------


def test_sections_follow_the_config_whatever_their_size() -> None:
    digest = build(
        make_story(1, topics=("security",)),
        make_story(2, topics=("security",)),
        make_story(3, topics=("diplomacy", "security")),
        limits=Limits(top=0),
    )

    assert [(section.topic.id, len(section.stories)) for section in digest.sections] == [
        ("diplomacy", 1),
        ("security", 2),
    ]


@pytest.mark.parametrize("topics", [(), ("fishing",)])
def test_a_story_whose_topic_is_unknown_goes_to_the_last_section(topics: tuple[str, ...]) -> None:
    digest = build(make_story(1, topics=topics), make_story(2, topics=("security",)))

    assert [section.topic for section in digest.sections] == [SECURITY, OTHER]


def test_a_story_goes_to_its_first_topic_that_the_config_still_has() -> None:
    digest = build(make_story(1, topics=("fishing", "trade")))

    assert [section.topic for section in digest.sections] == [TRADE]


def test_a_section_starts_with_what_most_outlets_tell_then_official_then_newest_then_by_id() -> None:
    hour = timedelta(hours=1)
    digest = build(
        make_story(5, published=NOW - 2 * hour),
        make_story(4, published=NOW - 3 * hour),
        make_story(3, published=NOW - 3 * hour),
        make_story(2, published=NOW - 9 * hour, kind="official-uk"),
        told_twice(1, published=NOW - 20 * hour),
        limits=Limits(top=0),
    )

    assert ids(digest.sections[0].stories) == ["s1", "s2", "s5", "s3", "s4"]


def test_copies_of_one_agency_text_do_not_lift_a_story() -> None:
    copy = make_judged("Report number 1", id=12, outlet="Herald")
    story = make_story(1, copy)

    assert wire_copies(story) == {12}
    assert independent_outlets(story) == 1
    assert independent_outlets(told_twice(1)) == 2


def test_the_top_holds_at_most_three_stories_that_several_outlets_tell() -> None:
    digest = build(*(told_twice(n, score=10.0 + n) for n in range(1, 6)), make_story(6, score=99.0))

    assert ids(digest.top) == ["s5", "s4", "s3"]


def test_four_stories_of_one_outlet_each_give_the_best_one_the_top() -> None:
    digest = build(*(make_story(n, score=float(n)) for n in range(1, 5)))

    assert ids(digest.top) == ["s4"]


def test_three_stories_of_one_outlet_each_have_no_top() -> None:
    assert build(*(make_story(n) for n in range(1, 4))).top == ()


def test_a_story_shown_before_stands_among_the_updated_ones() -> None:
    update = Update(NOW - timedelta(hours=1), "new title", "Old title")
    digest = build(make_story(1, update=update), make_story(2), make_story(3, update=replace(update, at=NOW)))

    assert ids(digest.updated) == ["s3", "s1"]
    assert [ids(section.stories) for section in digest.sections] == [["s2"]]


def test_an_old_page_with_changes_is_updated_and_not_late() -> None:
    digest = build(make_story(1, published=NOW - 900 * DAY, update=Update(NOW, "updated", note="A form.")))

    assert (ids(digest.updated), ids(digest.late)) == (["s1"], [])


def test_what_was_re_issued_unchanged_stands_last_among_the_updated() -> None:
    changed = Update(NOW - timedelta(hours=9), "updated")
    digest = build(make_story(1, update=Update(NOW, REISSUED)), make_story(2, update=changed))

    assert ids(digest.updated) == ["s2", "s1"]


def test_old_and_dateless_stories_stand_in_the_late_block_newest_first() -> None:
    old, older = EDITION.start - DAY - timedelta(minutes=1), EDITION.start - 30 * DAY
    digest = build(
        make_story(1, published=older),
        make_story(2, published=None),
        make_story(3, published=old),
        make_story(4, published=EDITION.start - DAY),
        limits=Limits(top=0),
    )

    assert ids(digest.late) == ["s3", "s1", "s2"]
    assert [ids(section.stories) for section in digest.sections] == [["s4"]]


def test_one_report_in_time_keeps_a_story_out_of_the_late_block() -> None:
    fresh = make_judged("A second look at it", id=9, outlet="Herald")

    assert build(make_story(1, fresh, published=None)).late == ()


def test_a_first_poll_fills_the_late_block_to_its_limit_and_then_the_brief() -> None:
    digest = build(*(make_story(n, published=NOW - n * DAY) for n in range(3, 53)))

    assert ids(digest.late) == [f"s{n}" for n in range(3, 13)]
    assert ids(digest.brief) == [f"s{n}" for n in range(13, 53)]


def test_what_passes_a_topics_limit_goes_to_the_brief_in_reading_order() -> None:
    trade = [make_story(n, topics=("trade",), published=NOW - timedelta(hours=n)) for n in range(1, 11)]
    many = [make_story(n, published=NOW - timedelta(hours=n)) for n in range(20, 30)]
    digest = build(*trade, *many, limits=Limits(top=0, per_topic=8))

    assert [len(section.stories) for section in digest.sections] == [8, 8]
    assert ids(digest.brief) == ["s28", "s29", "s9", "s10"]


def test_the_limit_of_the_whole_is_shared_out_so_that_no_block_is_emptied() -> None:
    stories = [
        make_story(n, topics=(topic.id,), published=NOW - timedelta(hours=n))
        for at, topic in enumerate(TOPICS)
        for n in range(at * 10, at * 10 + 5)
    ]
    digest = build(*stories, limits=Limits(top=0, stories=7))

    assert [len(section.stories) for section in digest.sections] == [3, 2, 2]
    assert len(digest.brief) == 8


EARLIER = Earlier("2026-01-27", date(2026, 1, 27), "What was told on Tuesday", 2)


def continued(story: Story) -> Story:
    """The same, of a story that the digest has shown on Tuesday."""
    return replace(story, earlier=EARLIER)


def test_a_story_that_goes_on_stands_after_new_ones_of_its_standing() -> None:
    hour = timedelta(hours=1)
    digest = build(
        continued(make_story(1, published=NOW - hour)),
        make_story(2, published=NOW - 9 * hour),
        continued(make_story(3, published=NOW - hour, kind="official-uk")),
        make_story(4, published=NOW - 9 * hour, kind="official-uk"),
        continued(told_twice(5, published=NOW - 20 * hour)),
        limits=Limits(top=0),
    )

    assert ids(digest.sections[0].stories) == ["s5", "s4", "s3", "s2", "s1"]


def test_a_story_that_goes_on_is_on_top_where_two_outlets_report_it_anew() -> None:
    digest = build(continued(told_twice(1)), *(make_story(n) for n in range(2, 6)))

    assert ids(digest.top) == ["s1"]


def test_a_new_story_of_two_outlets_stands_before_one_that_goes_on() -> None:
    digest = build(continued(told_twice(1, score=99.0)), told_twice(2))

    assert ids(digest.top) == ["s2", "s1"]


def test_a_story_that_goes_on_is_not_on_top_for_a_report_that_was_shown_before() -> None:
    changed = make_judged("What the Herald had", id=9, outlet="Herald", update=Update(NOW, "new title"))
    digest = build(continued(make_story(1, changed)))

    assert digest.top == digest.updated == ()
    assert ids(digest.sections[0].stories) == ["s1"]
    assert [judged.id for judged in digest.stories[0].items] == [1, 9]


def test_a_story_that_goes_on_is_never_the_one_put_on_top_for_want_of_another() -> None:
    going_on = [continued(make_story(n, score=99.0 - n)) for n in range(1, 5)]

    assert build(*going_on).top == ()
    assert ids(build(*going_on, make_story(5)).top) == ["s5"]


def test_a_story_of_which_only_a_report_has_changed_is_updated() -> None:
    digest = build(continued(make_story(1, update=Update(NOW, "new title"))))

    assert ids(digest.updated) == ["s1"]


def test_an_empty_digest_keeps_the_closest_items_and_the_last_edition_with_any() -> None:
    near = [make_judged(id=n) for n in range(5)]
    digest = build(closest=near, last_with_items=WEEK)

    assert digest.stories == ()
    assert [judged.id for judged in digest.closest] == [0, 1, 2]
    assert digest.last_with_items == WEEK


def test_with_stories_nothing_is_called_closest() -> None:
    assert build(make_story(1), closest=[make_judged(id=2)]).closest == ()


AGES = st.one_of(st.none(), st.integers(0, 100))
REPORTS = st.lists(
    st.tuples(
        AGES, st.sampled_from(["Gazette", "Herald", "GOV.UK"]), st.sampled_from(["uk-media", "official-uk"])
    ),
    min_size=1,
    max_size=3,
)
STORIES = st.lists(
    st.tuples(
        REPORTS, st.sampled_from(["diplomacy", "trade", "fishing", ""]), st.booleans(), st.integers(0, 3)
    ),
    max_size=30,
)
LIMITS = st.builds(
    Limits,
    top=st.integers(0, 3),
    stories=st.integers(0, 20),
    per_topic=st.integers(0, 5),
    updated=st.integers(0, 3),
    late=st.integers(0, 5),
)


def _generated(drawn: list[tuple[Any, str, bool, int]]) -> list[Story]:
    stories = []
    for number, (reports, topic, was_shown, score) in enumerate(drawn):
        items = tuple(
            make_judged(
                f"Report {number} by {place}",
                id=number * 10 + place,
                outlet=outlet,
                kind=kind,
                published=None if age is None else NOW - timedelta(hours=age),
                verdict=about(*[topic] if topic else [], score=float(score)),
                update=Update(NOW, "new title") if was_shown else None,
            )
            for place, (age, outlet, kind) in enumerate(reports)
        )
        stories.append(Story(f"s{number}", items))
    return stories


@given(drawn=STORIES, limits=LIMITS, random=st.randoms(use_true_random=False))
def test_every_story_stands_in_exactly_one_block_whatever_order_they_come_in(
    drawn: list[Any], limits: Limits, random: Any
) -> None:
    stories = _generated(drawn)
    shuffled = random.sample(stories, len(stories))

    digest = build(*stories, limits=limits)

    assert sorted(ids(digest.stories)) == sorted(ids(tuple(stories)))
    assert len(digest.stories) - len(digest.brief) <= limits.stories
    assert build(*shuffled, limits=limits) == digest


# --- coverage --------------------------------------------------------------------------------------


def cover(*healths: SourceHealth, **changes: Any) -> Coverage:
    values: dict[str, Any] = {
        "notices": (),
        "looked_at": 10,
        "matched": 2,
        "rules_version": "rules1",
        "previous_rules_version": "rules1",
    }
    return coverage(healths, **(values | changes))


def health(status: Any, id: str = "gazette") -> SourceHealth:  # noqa: A002 - it is the field's name
    return SourceHealth(id, id.title(), status)


@pytest.mark.parametrize(
    ("status", "read"),
    [("ok", 1), ("quiet", 1), ("overrun", 1), ("failing", 0), ("ended", 0), ("never", 0)],
)
def test_a_source_counts_as_read_when_its_last_poll_was_answered(status: str, read: int) -> None:
    found = cover(health(status))

    assert (found.read, len(found.sources), found.looked_at, found.matched) == (read, 1, 10, 2)


def test_a_source_that_is_switched_off_is_no_part_of_the_coverage() -> None:
    told = Notice("herald", "Herald", NOW, "fault", "quiet", "Herald is quiet.")
    found = cover(health("ok"), health("off", "herald"), notices=[told])

    assert [source.id for source in found.sources] == ["gazette"]
    assert found.notices == ()


def test_notices_of_the_window_are_part_of_the_coverage() -> None:
    told = Notice("gazette", "Gazette", NOW, "recovered", "failing", "Gazette can be read again.")

    assert cover(health("ok"), notices=[told]).notices == (told,)


@pytest.mark.parametrize(("previous", "changed"), [(None, None), ("rules1", False), ("rules0", True)])
def test_coverage_says_whether_the_rules_changed_since_the_last_edition(
    previous: str | None, changed: bool | None
) -> None:
    assert cover(health("ok"), previous_rules_version=previous).rules_changed is changed


# --- counts and reasons ----------------------------------------------------------------------------


def test_counts_are_of_stories_items_outlets_and_sources() -> None:
    digest = build(
        told_twice(1), make_story(2), coverage=covered("ok", "overrun", "quiet", "failing", "ended", "never")
    )

    found = counts(digest)

    assert (found.stories, found.items, found.outlets) == (2, 3, 2)
    assert (found.sources_read, found.sources_total) == (3, 6)
    assert found.minutes == 1


def test_reading_time_is_of_what_is_shown_and_the_brief_shows_titles_only() -> None:
    stories = [make_story(n, summary="one two three four five " * 8 + "end.") for n in range(1, 41)]

    shown = counts(build(*stories, limits=Limits(per_topic=40))).minutes
    cut = counts(build(*stories, limits=Limits(stories=0))).minutes

    assert (shown, cut) == (8, 1)


def match(term: str, topic: str | None = "trade", field: Any = "title", **changes: Any) -> Match:
    role = changes.pop("role", "topic")
    return Match(role, term, field, term, changes.pop("start", 0), topic, **changes)


def why(*matches: Match, topics: tuple[str, ...] = ("trade", "security")) -> list[str]:
    story = Story("s1", (make_judged(verdict=about(*topics, matches=matches)),))
    return [found.term for found in why_line_matches(story, limit=9).matches]


def test_the_primary_topic_speaks_first_then_the_others_then_the_gate() -> None:
    found = why(
        match("China", None, role="china"),
        match("UK", None, role="uk"),
        match("JETCO", None, role="both"),
        match("spying", "security"),
        match("tariff", "trade", "text"),
    )

    assert found == ["tariff", "spying", "JETCO", "UK", "China"]


def test_within_a_topic_the_title_speaks_first_then_the_lead_then_points() -> None:
    found = why(match("a", field="text"), match("b", field="lead"), match("c"), match("d", points=9.0))

    assert found == ["d", "c", "b", "a"]


def test_a_term_is_named_once_at_its_best_place() -> None:
    story = Story(
        "s1", (make_judged(verdict=about("trade", matches=(match("tariff", field="text"), match("tariff")))),)
    )

    assert why_line_matches(story) == ((match("tariff"),), 0)


def test_counter_evidence_is_no_reason_for_being_in() -> None:
    assert why(match("Canada", None, role="elsewhere"), match("horoscope", None, role="exclude")) == []


def test_three_terms_are_named_and_the_rest_is_counted() -> None:
    verdict = about("trade", matches=tuple(match(term) for term in "edcba"))

    line = why_line_matches(Story("s1", (make_judged(verdict=verdict),)))

    assert [found.term for found in line.matches] == ["a", "b", "c"]
    assert line.more == 2


# --- lines of text ---------------------------------------------------------------------------------


def test_the_subject_names_the_day_the_first_story_and_how_many_more_there_are() -> None:
    stories = [make_story(n, title="Starmer meets Xi in Beijing") for n in range(1, 5)]

    assert subject(build(*stories)) == "UK-China daily, 29 Jan: Starmer meets Xi in Beijing (+3)"
    assert subject(build(stories[0])) == "UK-China daily, 29 Jan: Starmer meets Xi in Beijing"


def test_a_long_headline_is_cut_at_a_word_so_that_the_subject_fits_sixty_characters() -> None:
    title = "Starmer meets Xi Jinping as both sides seek closer ties after years of strain"

    line = subject(build(make_story(1, title=title), make_story(2)))

    assert line == "UK-China daily, 29 Jan: Starmer meets Xi Jinping as… (+1)"
    assert len(line) <= 60


def test_a_long_digest_title_leaves_the_headline_some_room() -> None:
    edition = replace(EDITION, title="The council's very long morning briefing on China")

    line = subject(build(make_story(1, title="Starmer meets Xi Jinping in Beijing"), edition=edition))

    assert line == "The council's very long morning briefing on China, 29 Jan: Starmer meets Xi…"


def test_a_headline_cannot_break_the_subject_line() -> None:
    title = "Talks\r\nBcc: a@b.org\x00 in\u2028 \u202eBeijing"

    assert (
        subject(build(make_story(1, title=title))) == "UK-China daily, 29 Jan: Talks Bcc: a@b.org in Beijing"
    )


def test_an_edition_of_a_week_names_its_days_and_the_number_of_its_stories() -> None:
    assert (
        subject(build(*map(make_story, range(31)), edition=WEEK))
        == "UK-China weekly, 26 Jan to 1 Feb: 31 stories"
    )
    assert subject(build(make_story(1), edition=WEEK)) == "UK-China weekly, 26 Jan to 1 Feb: 1 story"


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        (["ok"] * 14, "no new items"),
        (["ok", "quiet", "never"], "no new items"),
        (["overrun"], "no new items"),
        (["failing"] * 2 + ["ended"] + ["ok"] * 11, "3 of 14 sources failed"),
        (["failing"], "1 of 1 source failed"),
        (["never"], "no source was read"),
        ([], "no source was read"),
    ],
)
def test_the_subject_of_an_empty_edition_tells_quiet_from_broken(statuses: list[str], said: str) -> None:
    assert subject(build(coverage=covered(*statuses))) == f"UK-China daily, 29 Jan: {said}"


def test_the_preheader_goes_on_where_the_subject_stops() -> None:
    digest = build(*(make_story(n, title=f"Headline {n}", score=-float(n)) for n in range(1, 5)))

    assert [story.lead.id for story in digest.stories[:1]] == [1]
    assert preheader(digest) == "Headline 2 · Headline 3 · 14 of 14 sources read"


def test_long_headlines_share_the_preheader() -> None:
    long = "Ministers weigh new rules for research with laboratories in several cities abroad"
    line = preheader(build(*(make_story(n, title=f"{n} {long}") for n in range(1, 4))))

    assert 85 <= len(line) <= 100
    assert line.endswith(" · 14 of 14 sources read")


def test_the_preheader_of_a_single_story_is_its_extract() -> None:
    digest = build(make_story(1, summary="They met for an hour."))

    assert preheader(digest) == "They met for an hour. · 14 of 14 sources read"


def test_the_preheader_of_an_empty_edition_says_how_much_was_looked_at() -> None:
    assert preheader(build(coverage=covered("ok", "failing"))) == "187 items looked at · 1 of 2 sources read"


@given(title=st.text(), summary=st.text(max_size=300), name=st.text(max_size=80))
def test_subject_and_preheader_are_always_one_line_fit_for_a_header(
    title: str, summary: str, name: str
) -> None:
    digest = build(make_story(1, title=title, summary=summary), edition=replace(EDITION, title=name))

    for line in (subject(digest), preheader(digest)):
        assert line.splitlines() == [line]
        assert line.encode()
    assert len(preheader(digest)) <= 100


SENTENCE = "The two sides met in Beijing on Thursday and spoke for about eighty minutes in all."


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("", ""),
        ("Short enough.", "Short enough."),
        (f"{SENTENCE} {SENTENCE} {SENTENCE}", f"{SENTENCE} {SENTENCE}"),
        (f'"{SENTENCE}" {SENTENCE} "{SENTENCE}"', f'"{SENTENCE}" {SENTENCE}'),
        ("He met Mr. Li and Dr. Wang. " + "word " * 60, "He met Mr. Li and Dr. Wang. " + "word " * 42 + "…"),
        ("长" * 300, "长" * 239 + "…"),
        ("两国领导人在北京会晤。" * 30, "两国领导人在北京会晤。" * 21),
    ],
    ids=[
        "none",
        "short",
        "two sentences fit",
        "quotations",
        "no sentence end fits",
        "no spaces",
        "Chinese sentences",
    ],
)
def test_an_extract_ends_with_a_sentence_where_it_can_and_else_with_a_word(
    summary: str, expected: str
) -> None:
    found = extract(make_judged(summary=summary))

    assert found.replace(" …", "…") == expected.replace(" …", "…")
    assert len(found) <= 240


@pytest.mark.parametrize(
    ("title", "summary", "expected"),
    [
        ("Talks open", "Talks open. They last a day.", "They last a day."),
        ("Talks open", "TALKS OPEN", ""),
        ("Talks open", "Talks open in Beijing today.", "Talks open in Beijing today."),
        ("China", "China-UK talks open.", "China-UK talks open."),
    ],
)
def test_an_extract_does_not_say_the_headline_again(title: str, summary: str, expected: str) -> None:
    assert extract(make_judged(title, summary=summary)) == expected


@given(summary=st.text(max_size=600), title=st.text(max_size=20), limit=st.integers(1, 300))
def test_an_extract_is_never_longer_than_asked_and_always_the_feeds_own_words(
    summary: str, title: str, limit: int
) -> None:
    found = extract(make_judged(title, summary=summary), limit)

    assert len(found) <= limit
    assert found.rstrip("…") in summary
