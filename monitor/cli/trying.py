"""Shell: `monitor sources test`: one source asked, read and judged; what each stage says; nothing stored."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from .. import polling
from ..fetch import FetchError
from ..models import FeedState, Fetched, Item, ParsedFeed, Source, Verdict
from ..parse import ParseError
from ..parse.discover import form_of
from ..store import StoreError
from ..text import identity_url
from .adding import LATEST, newest_first
from .context import Context, one_of
from .newcomers import shown
from .output import iso, one_line, plural, print_json

TITLE_SHOWN = 100
SKIPPED_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage says: in words, and as values for --json."""

    name: str
    ok: bool
    words: tuple[str, ...]
    values: dict[str, Any]


def try_out(context: Context) -> int:
    """`monitor sources test`: exit 1 where a stage fails."""
    config = context.config
    wanted = one_of(context.args.id, (source.id for source in config.sources), "source")
    source = next(source for source in config.sources if source.id == wanted)
    stages = list(_stages(context, source))
    ok = all(stage.ok for stage in stages)
    then = _next(source, stages)
    if context.args.json:
        values = {stage.name: {"ok": stage.ok} | stage.values for stage in stages}
        print_json({"id": source.id, "enabled": source.enabled, "ok": ok, "stages": values, "next": then})
        return int(not ok)
    off = "" if source.enabled else "  (switched off)"
    print(f"{source.id}  {one_line(source.name)}{off}")
    for stage in stages:
        for number, line in enumerate(stage.words):
            print(f"  {stage.name if not number else '':<9} {line}")
    print(f"Next: {then}")
    return int(not ok)


def _stages(context: Context, source: Source) -> Iterator[Stage]:
    """One after the other; the first that fails is the last."""
    address = polling.address(source, context.now)
    yield _asked(context, source, address)
    network, begun = context.network(), time.monotonic()
    try:
        fetched = network.fetch(replace(source, url=address), FeedState(source.id))
    except FetchError as error:
        yield _unanswered(error, time.monotonic() - begun)
        return
    yield _answered(address, fetched, time.monotonic() - begun)
    try:
        feed = network.parse(source, fetched, b"")
    except ParseError as error:
        yield Stage(
            "read", False, (f"no: {one_line(str(error))}",), {"error": str(error), "ended": error.ended}
        )
        return
    yield _read(source, fetched, feed)
    yield _judged(context, source, feed.items)
    yield _stored(context, feed.items)


def _asked(context: Context, source: Source, address: str) -> Stage:
    mirror = dict(context.config.mirrors).get(urlsplit(address).hostname or "")
    words = shown(address) + (f" (by its mirror {mirror})" if mirror else "")
    if source.headers:
        words += f", with {plural(len(source.headers), 'header')} of its own"
    return Stage("asked", True, (words,), {"url": shown(address), "mirror": mirror})


def _unanswered(error: FetchError, seconds: float) -> Stage:
    values = {
        "status": error.status,
        "seconds": round(seconds, 3),
        "error": error.message,
        "gone": error.gone,
    }
    return Stage("answered", False, (f"no: {one_line(error.message)}",), values)


def _answered(address: str, fetched: Fetched, seconds: float) -> Stage:
    size = len(fetched.body or b"")
    validators = [
        name
        for name, value in (("ETag", fetched.etag), ("Last-Modified", fetched.last_modified))
        if value is not None
    ]
    what = one_line(fetched.content_type) or "no type given"
    again = " and ".join(validators) or "nothing to ask again by: each poll takes it whole"
    words = [f"{fetched.status} in {seconds:.1f} s: {size:,} bytes, {what}", again]
    if fetched.moved_to:
        words.append(f"moved for good to {fetched.moved_to}: write that as its address")
    elif identity_url(fetched.url) != identity_url(address):
        words.append(f"by a redirect, for the time being, from {fetched.url}")
    values = {
        "status": fetched.status,
        "seconds": round(seconds, 3),
        "bytes": size,
        "content_type": fetched.content_type,
        "etag": fetched.etag,
        "last_modified": fetched.last_modified,
        "url": fetched.url,
        "moved_to": fetched.moved_to,
    }
    return Stage("answered", True, tuple(words), values)


def _read(source: Source, fetched: Fetched, feed: ParsedFeed) -> Stage:
    form = form_of(fetched.body or b"", fetched.content_type) if source.format == "feed" else source.format
    dates = sorted(item.date for item in feed.items if item.date)
    languages = Counter(item.lang for item in feed.items)
    words = [f"{form}: {plural(len(feed.items), 'entry')}, {len(feed.skipped)} left out"]
    if dates:
        words.append(f"newest {iso(dates[-1])}, oldest {iso(dates[0])}")
    if len(dates) < len(feed.items):
        words.append(f"{len(feed.items) - len(dates)} without a date")
    if languages:
        words.append("in " + ", ".join(f"{lang} {count}" for lang, count in languages.most_common()))
    words += [f"left out: {one_line(why)}" for why in feed.skipped[:SKIPPED_SHOWN]]
    values = {
        "form": form,
        "title": feed.title,
        "entries": len(feed.items),
        "skipped": list(feed.skipped),
        "newest": dates[-1] if dates else None,
        "oldest": dates[0] if dates else None,
        "languages": dict(languages),
    }
    return Stage("read", True, tuple(words), values)


def _judged(context: Context, source: Source, items: Sequence[Item]) -> Stage:
    book = context.config.rulebook
    judged = [(item, book.classify(item, source.side)) for item in newest_first(items)]
    relevant = sum(verdict.relevant for _, verdict in judged)
    side = f"side: {source.side}" if source.side else "no side"
    words = [f"{relevant} of {len(items)} relevant ({side})"]
    words += [_verdict_line(item, verdict) for item, verdict in judged[:LATEST]]
    latest = [
        {
            "title": item.title,
            "published": item.date,
            "relevant": verdict.relevant,
            "topics": list(verdict.topics),
            "reason": verdict.reason,
        }
        for item, verdict in judged[:LATEST]
    ]
    return Stage("judged", True, tuple(words), {"relevant": relevant, "side": source.side, "latest": latest})


def _verdict_line(item: Item, verdict: Verdict) -> str:
    title = one_line(item.title)
    cut = title if len(title) <= TITLE_SHOWN else f"{title[: TITLE_SHOWN - 1]}…"
    filed = f"{verdict.topics[0]}: " if verdict.topics else ""
    return f'{"yes" if verdict.relevant else "no "}  "{cut}"  ({filed}{one_line(verdict.reason)})'


def _stored(context: Context, items: Sequence[Item]) -> Stage:
    """How much of it is known. That there is no database, or none to be read, is no fault of the source."""
    if not context.config.database.exists():
        return Stage("stored", True, ("no database yet",), {"known": None, "new": None})
    try:
        known = sum(context.reader.find(item.key) is not None for item in items)
    except StoreError as error:
        return Stage("stored", True, (f"not known: {error}",), {"known": None, "new": None})
    new = len(items) - known
    words = f"{known} known, {new} would be new (nothing was stored by this test)"
    return Stage("stored", True, (words,), {"known": known, "new": new})


def _next(source: Source, stages: Sequence[Stage]) -> str:
    last = stages[-1]
    if not last.ok and last.name == "answered":
        return f"correct the address of {source.id} in config.yaml, or wait and try again"
    if not last.ok:
        ended = last.values["ended"]
        return f"{'look for its successor' if ended else 'look for the feed'}: monitor sources add URL"
    if not source.enabled:
        return f"switch it on in config.yaml (enabled: true), then: monitor poll {source.id}"
    return f"monitor poll {source.id}"
