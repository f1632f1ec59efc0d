"""Shell: `monitor export`: stored items for other programs, or what Datasette is to know of the database."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ..models import Refusal
from ..render.feeds import FeedDocument, FeedEntry, atom_parts, feed_id, json_feed_parts
from ..render.inert import safe_url
from ..render.reports import lang_of
from ..store import Exported
from .context import Context, UsageError, since_or_all, topics_of
from .datasette import metadata
from .items import item_json, label_json, match_json
from .output import iso, one_line, plural
from .spreadsheet import as_csv

SINCE = "90d"
STDOUT = "-"
TITLE = "UK-China monitor"
# Some programs end a line at these too; within a string JSON allows both ways of writing them.
_LINE_ENDS = {"\u2028": "\\u2028", "\u2029": "\\u2029", "\x85": "\\u0085"}


class ExportError(Refusal):
    """The file could not be written; the message says which and why. What stood there before still does."""

    exit_code = 1


def export(context: Context) -> int:
    """`monitor export`: 0 also where no item is of the kind asked for."""
    args = context.args
    to = None if args.output in {None, STDOUT} else context.cwd / args.output
    if args.force and not to:
        raise UsageError("--force goes with -o FILE: there is no file to overwrite")
    if to and to.exists() and not to.is_file():
        raise UsageError(f"{args.output} is no file that could be written anew")
    if to and to.exists() and not args.force:
        raise UsageError(f"{args.output} is there already; --force overwrites it")
    if args.format == "datasette":
        if args.since or args.topic or args.all:
            raise UsageError("--format datasette describes the whole database: no --since, --topic, --all")
        settings = _metadata(context)
        with _opened(to) as file:
            file.write(settings.encode("utf-8"))
        return 0
    counted = _Counted(_items(context))
    parts = _parts(context, counted)
    with _opened(to) as file:
        for part in parts:
            file.write(part.encode("utf-8"))
    if to:
        print(f"{args.output}: {plural(counted.count, 'item')}")
    return 0


def _metadata(context: Context) -> str:
    database = context.config.database
    shown = database.relative_to(context.cwd) if database.is_relative_to(context.cwd) else database
    return metadata(one_line(str(shown)), database.stem)


def _items(context: Context) -> Iterator[Exported]:
    args = context.args
    return context.reader.each_exported(
        relevant_only=not args.all,
        since=since_or_all(args.since or SINCE, context.now),
        topics=topics_of(context),
    )


class _Counted:
    """The same items, and how many have passed."""

    def __init__(self, items: Iterable[Exported]) -> None:
        self._items = items
        self.count = 0

    def __iter__(self) -> Iterator[Exported]:
        for item in self._items:
            self.count += 1
            yield item


def _parts(context: Context, items: Iterable[Exported]) -> Iterator[str]:
    match context.args.format:
        case "csv":
            return as_csv(items)
        case "jsonl":
            return map(_json_line, items)
        case "atom":
            return atom_parts(_feed(context), _entries(context, items))
        case _:
            return json_feed_parts(_feed(context), _entries(context, items))


def _json_line(exported: Exported) -> str:
    values = item_json(exported.judged) | {
        "story": exported.story_id,
        "label": label_json(exported.label),
        "matches": [match_json(match) for match in exported.judged.verdict.matches],
    }
    line = json.dumps(values, ensure_ascii=False, default=iso)
    for sign, escape in _LINE_ENDS.items():
        line = line.replace(sign, escape)
    return f"{line}\n"


# Feeds


def _feed(context: Context) -> FeedDocument:
    titles = {topic.id: topic.title for topic in context.config.topics}
    topics = [titles[topic] for topic in topics_of(context)]
    home = context.config.public_url or ""
    return FeedDocument(
        id=feed_id("export", "-".join(topics_of(context)) or "items", home),
        title=f"{TITLE}: {', '.join(topics) or 'items'}",
        home_url=f"{home}/" if home else "",
        feed_url="",  # the file is wherever its user puts it
        updated=context.now,
    )


def _entries(context: Context, items: Iterable[Exported]) -> Iterator[FeedEntry]:
    titles = {topic.id: topic.title for topic in context.config.topics}
    home = context.config.public_url or ""
    for exported in items:
        judged = exported.judged
        item = judged.item
        # A time still to come would keep the entry at the top of a reader for ever.
        changed = max(judged.date or judged.first_seen, item.updated or judged.first_seen)
        yield FeedEntry(
            id=feed_id("item", str(judged.id), home),
            url=safe_url(item.url),
            title=item.title,
            summary=item.summary,
            published=judged.date,
            updated=min(changed, context.now),
            tags=tuple(titles.get(topic, topic) for topic in judged.verdict.topics),
            author=judged.outlet,
            lang=lang_of(item.lang, item.title),
        )


# Where to


@contextmanager
def _opened(path: Path | None) -> Iterator[BinaryIO]:
    """stdout, or a file that appears whole or not at all. Raises ExportError."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    draft = path.with_name(f".{path.name}.draft")
    try:
        with draft.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise ExportError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):  # no folder, no draft
            draft.unlink()
