"""Shell: the commands that look at items: search, show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from ..models import Judged, Label, Page, Story
from ..store import Hit
from ..text import alike
from .context import Context, since_or_all, topics_of
from .items import item_json, label_json, match_json
from .output import MARKERS, iso, marked, one_line, plural, print_json, print_marked, print_table, shortened

EXCERPT_SHOWN = 200
"""Characters of a summary below a title that has the found words itself."""


def search(context: Context) -> int:
    """`monitor search`: exit 1 where nothing is found, like grep."""
    args = context.args
    hits = context.reader.search(
        " ".join(args.query),
        limit=args.limit,
        relevant_only=args.relevant,
        since=since_or_all(args.since or "all", context.now),
        topics=topics_of(context),
        markers=("[", "]") if args.json else MARKERS,
        alike=alike,
    )
    if args.json:
        print_json(
            {"items": [item_json(hit.judged) | {"marked": hit.title, "excerpt": hit.excerpt} for hit in hits]}
        )
        return int(not hits)
    rows: list[list[str | Text]] = [
        [
            str(hit.judged.id),
            _day(hit.judged, context),
            hit.judged.verdict.topics[0] if hit.judged.verdict.topics else "-",
            hit.judged.outlet,
            _title_and_excerpt(hit),
        ]
        for hit in hits
    ]
    if rows:
        print_table(["ID#", "DATE", "TOPIC", "OUTLET", "TITLE"], rows)
    else:
        print("Nothing found.")
    return int(not hits)


def _title_and_excerpt(hit: Hit) -> Text:
    title, excerpt = marked(hit.title), marked(hit.excerpt)
    if excerpt.plain.strip("…") in title.plain:
        summary = one_line(hit.judged.item.summary)
        excerpt = Text(shortened(summary, EXCERPT_SHOWN) if summary not in title.plain else "")
    if excerpt:
        title.append("\n  ").append_text(excerpt)
    return title


def _day(judged: Judged, context: Context) -> str:
    return judged.date.astimezone(context.polled.timezone).strftime("%Y-%m-%d") if judged.date else "no date"


def show(context: Context) -> int:
    """`monitor show`."""
    judged = context.item(" ".join(context.args.ref))
    store = context.reader
    member = store.memberships([judged.id]).get(judged.id)
    story = store.story(member.story_id) if member else None
    label = store.labels().get(judged.id)
    if context.args.json:
        print_json(_shown_json(context, judged, story, label))
        return 0
    item, verdict = judged.item, judged.verdict
    seen = store.where_seen(judged.id)
    editions = store.editions_of(judged.id)
    print_marked(f"{judged.id}  ", _with_matches(judged, "title"))
    for name, value in (
        ("address", item.url or "none"),
        ("outlet", f"{judged.outlet} ({judged.kind})"),
        ("published", iso(judged.date) if judged.date else "not given"),
        ("first seen", iso(judged.first_seen)),
        ("verdict", f"{'relevant' if verdict.relevant else 'not relevant'}: {verdict.reason}"),
        ("topics", ", ".join(verdict.topics) or "none"),
        ("label", _label_words(label)),
        ("rules", verdict.rules_version),
        ("seen in", ", ".join(dict.fromkeys(s.source_id for s in seen))),
        ("editions", ", ".join(f"{e.edition.digest} {e.edition.name}" for e in editions) or "none"),
    ):
        print(f"  {name:<11} {one_line(value)}")
    if item.summary:
        print_marked(f"  {'summary':<11} ", _with_matches(judged, "summary"))
    for line in _story_lines(story, judged, context):
        print(line)
    for line in _page_lines(judged.page):
        print(f"  page        {line}")
    looked_up = store.page_state(judged.id)
    if looked_up.error:
        tried = plural(looked_up.failures, "time")
        print(f"  page        not read: {one_line(looked_up.error)}; tried {tried}")
    for revision in store.revisions(judged.id):
        update = revision.update
        note = f': "{one_line(update.note)}"' if update.note else ""
        was = f' (was: "{one_line(update.old_title)}")' if update.old_title else ""
        print(f"  changed     {iso(update.at)} {update.what}{note}{was}")
    print(f"Next: monitor explain {judged.id}")
    return 0


def _with_matches(judged: Judged, where: str) -> Text:
    """Title or summary with the terms that the rules have found in it marked."""
    text: str = getattr(judged.item, where)
    marks: list[tuple[int, int]] = []
    for match in sorted(judged.verdict.matches, key=lambda match: match.start):
        start, end = match.start, match.start + len(match.text)
        # An item may have changed since it was judged: what no longer stands there is not marked.
        if match.where != where or not match.text or not text.startswith(match.text, start):
            continue
        if marks and start <= marks[-1][1]:
            start, end = marks[-1][0], max(end, marks.pop()[1])
        marks.append((start, end))
    pieces, done = [], 0
    for start, end in marks:
        pieces += [text[done:start], MARKERS[0], text[start:end], MARKERS[1]]
        done = end
    return marked("".join([*pieces, text[done:]]))


def _label_words(label: Label | None) -> str:
    if label is None:
        return "none"
    said = "relevant" if label.relevant else "irrelevant"
    return f"{said}: {', '.join(label.topics)}" if label.topics else said


def _story_lines(story: Story | None, judged: Judged, context: Context) -> Iterator[str]:
    """The story's other reports, and why each is in it."""
    if story is None:
        return
    yield f"  {'story':<11} {story.id}: {plural(len(story.items), 'report')}"
    for other, why in zip(story.items, ("", *story.why_together), strict=False):
        if other.id != judged.id:
            because = f" ({one_line(why)})" if why else ""
            said = f"{other.id}, {other.outlet}, {_day(other, context)}: {other.item.title}"
            yield f"  {'report':<11} {one_line(said)}{because}"


def _shown_json(context: Context, judged: Judged, story: Story | None, label: Label | None) -> dict[str, Any]:
    store = context.reader
    return item_json(judged) | {
        "text": judged.item.text,
        "matches": [match_json(match) for match in judged.verdict.matches],
        "label": label_json(label),
        "story": _story_json(story) if story else None,
        "seen_in": [
            {"source_id": s.source_id, "guid": s.guid, "first_seen": s.first_seen}
            for s in store.where_seen(judged.id)
        ],
        "revisions": [
            {
                "at": r.update.at,
                "what": r.update.what,
                "old_title": r.update.old_title,
                "note": r.update.note or None,
                "note_at": r.update.note_at,
            }
            for r in store.revisions(judged.id)
        ],
        "page": _page_json(judged.page),
        "editions": [
            {"digest": e.edition.digest, "name": e.edition.name} for e in store.editions_of(judged.id)
        ],
    }


def _story_json(story: Story) -> dict[str, Any]:
    return {"id": story.id, "items": [_report_json(judged) for judged in story.items]}


def _report_json(judged: Judged) -> dict[str, Any]:
    return {
        "id": str(judged.id),
        "title": judged.item.title,
        "url": judged.item.url,
        "outlet": judged.outlet,
        "published": judged.date,
    }


def _page_json(page: Page | None) -> dict[str, Any] | None:
    """What the publisher's own account of a page says; None where it was not looked up."""
    if page is None:
        return None
    return {
        "status": page.status,
        "document_type": page.document_type or None,
        "organisations": list(page.organisations),
        "first_published": page.first_published,
        "public_updated": page.public_updated,
        "history": [{"at": change.at, "note": change.note} for change in page.history],
        "moved_to": page.moved_to or None,
        "explanation": page.explanation or None,
    }


def _page_lines(page: Page | None) -> Iterator[str]:
    if page is None:
        return
    what = ", ".join(filter(None, (page.document_type, *page.organisations)))
    if what:
        yield one_line(what)
    if page.first_published:
        yield f"first published {iso(page.first_published)}"
    if page.status != "live":
        yield one_line(": ".join(filter(None, (page.status, page.moved_to or page.explanation))))
    for change in page.history:
        yield f'{iso(change.at)} "{one_line(change.note)}"'
