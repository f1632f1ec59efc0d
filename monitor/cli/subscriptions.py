"""Shell: `monitor sources import` and `export`: OPML, as other readers have it."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from .. import polling
from ..config import edit, opml
from ..config.edit import Draft, Entry
from ..config.values import Value
from ..models import Source
from .context import Context, UsageError
from .newcomers import Known, draft_of, free_id, likely_kind, shown
from .output import one_line, plural, print_json, print_table

SHOWN = 20
"""Complaints that are printed; a file of another sort has one for each of its lines."""
_FORMS = ("govuk", "parliament")


@dataclass(frozen=True, slots=True)
class Sorted:
    """What is to be done with the outlines of a file."""

    new: tuple[tuple[Entry, Source], ...]
    known: int
    complaints: tuple[str, ...]


def take_in(context: Context) -> int:
    """`monitor sources import`: exit 1 where something in the file could not be taken."""
    args = context.args
    found = opml.read(_bytes(context.cwd / args.file))
    draft = draft_of(context)
    sorted_ = _sort(draft, found)
    entries = _without_defaults(draft, [entry for entry, _ in sorted_.new])
    new = edit.with_sources(draft, entries) if entries else draft
    if entries and not args.dry_run:
        edit.save(new)
    sources = [source for _, source in sorted_.new]
    if args.json:
        print_json(
            {
                "added": [
                    {"id": one.id, "name": one.name, "url": one.url, "kind": one.kind} for one in sources
                ],
                "known": sorted_.known,
                "left_out": list(sorted_.complaints),
                "written": bool(entries) and not args.dry_run,
                "config": new.file,
            }
        )
    else:
        _print(context, new, sources, sorted_)
    return int(bool(sorted_.complaints))


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(opml.MAX_SIZE + 1)
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        reason = getattr(error, "strerror", None) or "not a path"
        raise UsageError(f"{path} cannot be read: {reason}") from None


def _sort(draft: Draft, found: opml.Subscriptions) -> Sorted:
    """New, known, or neither; by the identity of addresses, so that a second import changes nothing."""
    taken = {source.id for source in draft.config.sources}
    named = [_named(entry, taken) for entry in found.entries]
    known = Known(draft.config.sources)
    new: list[tuple[Entry, Source]] = []
    complaints, repeated = list(found.complaints), 0
    for entry, result in zip(named, edit.checked(named), strict=True):
        if isinstance(result, str):
            complaints.append(f'"{entry.get("name") or entry.get("url") or entry["id"]}": {result}')
        elif known.find(result.url):
            repeated += 1
        else:
            known.add(result)
            new.append((entry, result))
    return Sorted(tuple(new), repeated, tuple(complaints))


def _named(entry: Entry, taken: set[str]) -> Entry:
    """With an id of its own and the likely kind; an entry with a form of ours is asked by that alone."""
    values = dict(entry)
    has_form = any(form in values for form in _FORMS)
    url = str(values.pop("url")) if has_form else str(values["url"])
    wished = str(values.pop("id", ""))
    name = (
        wished
        if wished and wished not in taken
        else free_id(str(values.get("name", "")), url, taken.__contains__)
    )
    taken.add(name)
    kind = None if has_form or "kind" in values else likely_kind(url)
    return {"id": name, **values, **({"kind": kind} if kind else {})}


def _without_defaults(draft: Draft, entries: Sequence[Entry]) -> list[Entry]:
    """Without what would be so anyway under this config."""
    plain_feed = edit.as_source(draft, {"id": "feed", "url": "https://feed.example/"})
    return [_lean(draft, entry, plain_feed) for entry in entries]


def _lean(draft: Draft, entry: Entry, plain_feed: Source) -> Entry:
    form = next((form for form in _FORMS if form in entry), None)
    bare = edit.as_source(draft, {"id": entry["id"], form: entry[form]}) if form else plain_feed
    defaults: dict[str, Value] = {
        "name": entry["id"],
        "kind": bare.kind,
        "side": bare.side,
        "every": opml.duration(bare.every),
        "timeout": opml.duration(timedelta(seconds=bare.timeout)),
        "max_bytes": bare.max_bytes,
        "enabled": True,
        "full_text": False,
    }
    return {key: value for key, value in entry.items() if key not in defaults or value != defaults[key]}


def _print(context: Context, new: Draft, sources: Sequence[Source], sorted_: Sorted) -> None:
    if sources:
        print_table(
            ["SOURCE", "KIND", "NAME", "ADDRESS"],
            [[one.id, one.kind, one.name, shown(one.url)] for one in sources],
        )
        print()
    for complaint in _first(sorted_.complaints):
        print(one_line(complaint), file=sys.stderr)
    done = "would be added" if context.args.dry_run else "added"
    left_out = f", {len(sorted_.complaints):,} left out" if sorted_.complaints else ""
    print(
        f"{plural(len(sources), 'source')} {done} to {new.file}, {sorted_.known:,} known already{left_out}."
    )
    if sources and not context.args.dry_run:
        print("Next: monitor poll")


def _first(complaints: Sequence[str]) -> Iterator[str]:
    yield from complaints[:SHOWN]
    if len(complaints) > SHOWN:
        yield f"and {len(complaints) - SHOWN:,} more; --json has them all"


def give_out(context: Context) -> int:
    """`monitor sources export`: OPML 2.0 on stdout, in UTF-8 whatever the terminal."""
    draft, now = draft_of(context), context.now
    sources = draft.config.sources
    addresses = [polling.address(source, now) for source in sources]
    entries, left_out = opml.entries_of(draft.document, sources, addresses)
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[str(entry["kind"])].append(entry)
    sys.stdout.flush()
    sys.stdout.buffer.write(opml.write(groups, now).encode())
    for sentence in left_out:
        print(f"monitor: left out of the list: {sentence}", file=sys.stderr)
    return 0
