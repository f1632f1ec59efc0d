"""Core: the week in numbers and what is new in it, in words for the templates."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ..models import Coverage, Digest, NewTerm, Topic, TopicWeek, Week
from . import words
from .inert import clean
from .reports import Report, report


@dataclass(frozen=True, slots=True)
class TopicLine:
    """What came under a topic this week."""

    title: str
    path: str
    """Its section on this page; "" where it has none."""
    stories: int
    items: int
    before: int | None
    """Items of the week before; None where that is not known."""


@dataclass(frozen=True, slots=True)
class TermLine:
    """A term that matched for the first time in weeks."""

    term: str
    topic: str
    """The topic's title, or the side."""
    items: str
    """3 items."""
    first: Report
    path: str
    """The place on this page of the story that the first item is in."""


@dataclass(frozen=True, slots=True)
class WeekView:
    """The week in numbers, and what is new in it."""

    topics: tuple[TopicLine, ...]
    """Those that had anything this week or in the one before."""
    nothing: tuple[str, ...]
    """Titles of the other topics."""
    total: TopicLine
    since: str
    """How far "new" looks back: "the 8 weeks before"; "" where nothing is known of them."""
    terms: tuple[TermLine, ...]
    names: tuple[str, ...]
    sources: str
    """One sentence on the health of the sources in the week."""


def week_view(digest: Digest, week: Week, zone: ZoneInfo) -> WeekView:
    """What an edition of a week says beside its stories; paths are of places on the same page."""
    homes = {judged.id: f"#story-{story.id}" for story in digest.stories for judged in story.items}
    titles = {topic.id: clean(topic.title) for topic in digest.topics}
    year, sections = digest.edition.local_date.year, {section.topic.id for section in digest.sections}
    busy = [line for line in week.topics if line.items or line.items_before]
    return WeekView(
        topics=tuple(_topic_line(line, week, line.topic.id in sections) for line in busy),
        nothing=tuple(clean(line.topic.title) for line in week.topics if line not in busy),
        total=_topic_line(_total(week), week, has_section=False),
        since=_weeks_before(week.weeks_before),
        terms=tuple(
            TermLine(
                _new_term(new),
                titles.get(new.topic) or words.SIDES.get(new.topic, clean(new.topic)),
                words.count(new.items, "item"),
                report(new.first, zone, year),
                homes.get(new.first.id, ""),
            )
            for new in week.new_terms
        ),
        names=tuple(map(clean, week.new_names)),
        sources=_health_of_the_week(digest.coverage),
    )


def _total(week: Week) -> TopicWeek:
    return TopicWeek(
        Topic("", "All topics"),
        sum(line.stories for line in week.topics),
        sum(line.items for line in week.topics),
        sum(line.items_before for line in week.topics),
    )


def _topic_line(line: TopicWeek, week: Week, has_section: bool) -> TopicLine:
    return TopicLine(
        title=clean(line.topic.title),
        path=f"#topic-{line.topic.id}" if has_section else "",
        stories=line.stories,
        items=line.items,
        before=line.items_before if week.weeks_before else None,
    )


def _weeks_before(weeks: int) -> str:
    if weeks == 0:
        return ""
    return "the week before" if weeks == 1 else f"the {weeks} weeks before"


def _new_term(new: NewTerm) -> str:
    """The term as a reader sees it in the first item that has it."""
    asked = words.without_weight(new.term)
    found = (m for m in new.first.verdict.matches if words.without_weight(m.term) == asked)
    match = next(found, None)
    return clean(words.shown_term(match) if match else asked)


def _health_of_the_week(seen: Coverage) -> str:
    """How many sources had no fault, by what was told in the window and by how they stand at its end."""
    ill = {notice.source_id for notice in seen.notices}
    ill |= {source.id for source in seen.having("failing", "ended", "overrun", "quiet", "never")}
    well = sum(source.id not in ill for source in seen.sources)
    return f"{well:,} of {words.count(len(seen.sources), 'source')} had no fault in the week."
