"""Shell: `monitor sources add`: an address → its feed, what it would bring, its lines in config.yaml."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from .. import govuk, polling
from ..classify import RuleBook
from ..config import edit, opml
from ..config.edit import Draft, Entry
from ..config.fields import CHOOSE, FORBIDDEN
from ..config.values import Value
from ..fetch import FetchError
from ..jobs.asking import Network
from ..models import FeedState, Fetched, Item, Kind, ParsedFeed, Side, Source
from ..parse import ParseError
from ..parse.discover import FeedLink, feed_links
from .context import Context, UsageError, one_of
from .newcomers import Known, NothingAdded, draft_of, free_id, govuk_names, likely_kind, shown, where
from .output import one_line, plural, print_json, print_table, shortened

PROBE = "new-source"
"""The id, and so the name, under which an address is asked before the source has its own."""
LATEST = 5
LONGEST_NAME = 80
SIDES: tuple[Side | None, ...] = (None, "uk", "china", "both")
_HOST_ALONE = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?#].*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that was asked for and read."""

    url: str
    """Where it is to be asked from now on."""
    feed: ParsedFeed
    by: tuple[str, ...] = ()
    """How it was found, in sentences."""


def add(context: Context) -> int:
    """`monitor sources add`: exit 1 where there is no feed or it is known, 2 where one is to be chosen."""
    args, draft = context.args, draft_of(context)
    address = _address(args.url)
    wished = _wished(context, draft, address)
    known = Known(draft.config.sources)
    wanted = govuk.atom_of_page(address) or address
    _refuse_known(known, wanted)
    found = _found(context, draft, known, wanted)
    if wanted != address:
        found = Found(found.url, found.feed, (f"The feed of this page is {wanted}", *found.by))
    entry = _entry(draft, wished, found)
    new = edit.with_sources(draft, [entry])
    source = new.config.sources[-1]
    if not args.dry_run:
        edit.save(new)
    if args.json:
        print_json(_as_json(context, new, source, found))
    else:
        _print(context, new, source, found)
    return 0


def _address(text: str) -> str:
    """What was typed or pasted, as an address: https:// may be left out."""
    text = opml.without_feed_scheme(text.strip())
    return f"https://{text}" if "://" not in text and _HOST_ALONE.fullmatch(text) else text


def _wished(context: Context, draft: Draft, address: str) -> dict[str, Value]:
    """What the options say of the source. Raises UsageError before anything is asked."""
    args = context.args
    if args.kind is not None:
        one_of(args.kind, get_args(Kind), "kind")
    if args.side is not None:
        one_of(args.side, get_args(Side), "side")
    if any(args.id == source.id for source in draft.config.sources):
        raise UsageError(f"there is a source {args.id} already; give this one another --id")
    options = {key: getattr(args, key) for key in ("id", "name", "kind", "side", "every")}
    wished = {key: value for key, value in options.items() if value is not None}
    (result,) = edit.checked([{"id": PROBE, "url": address} | wished])
    if isinstance(result, str):
        raise UsageError(result)
    return wished


def _refuse_known(known: Known, url: str) -> None:
    source = known.find(url)
    if source is None:
        return
    off = "" if source.enabled else ", which is switched off (enabled: false)"
    raise NothingAdded(f"{shown(url)} is a source already: {source.id}{off}; nothing was added")


def _refuse_forbidden(url: str) -> None:
    if govuk.is_forbidden(url):
        raise NothingAdded(f"{shown(url)}: {FORBIDDEN}; {CHOOSE}. Nothing was added")


def _found(context: Context, draft: Draft, known: Known, url: str) -> Found:
    """The feed at an address, or the one that the page there names."""
    network = context.network()
    fetched, feed = _asked(draft, network, url)
    if isinstance(feed, ParsedFeed):
        return _settled(known, url, fetched, feed, ())
    link = _only_link(context, known, url, fetched, feed)
    _refuse_forbidden(link.url)
    _refuse_known(known, link.url)
    fetched, linked = _asked(draft, network, link.url)
    if isinstance(linked, ParseError):
        raise NothingAdded(
            f"{shown(url)} names {link.url} as its feed, but that is {linked}; nothing was added"
        )
    return _settled(known, link.url, fetched, linked, (f"The feed that the page names is {link.url}",))


def _asked(draft: Draft, network: Network, url: str) -> tuple[Fetched, ParsedFeed | ParseError]:
    source = edit.as_source(draft, {"id": PROBE, "url": url})
    try:
        fetched = network.fetch(source, FeedState(source.id))
    except FetchError as error:
        raise NothingAdded(f"{error.message}; nothing was added") from None
    try:
        return fetched, network.parse(source, fetched, b"")
    except ParseError as error:
        return fetched, error


def _only_link(
    context: Context, known: Known, url: str, fetched: Fetched, why_no_feed: ParseError
) -> FeedLink:
    """The one feed of a page. Raises NothingAdded where it names none, UsageError where it names several."""
    if why_no_feed.ended:
        raise NothingAdded(f"{shown(url)} is {why_no_feed}; nothing was added")
    try:
        links = feed_links(fetched.url, fetched.body or b"", fetched.content_type)
    except ParseError:
        links = ()
    if not links:
        raise NothingAdded(
            f"{shown(url)} is {why_no_feed}. It names no feed either; nothing was added. Look on the site "
            'for "RSS" or "feed", or ask its publisher, and give that address'
        )
    if len(links) == 1:
        return links[0]
    _list(context, known, url, links)
    raise UsageError(f"choose one of the {len(links)} feeds: monitor sources add {links[0].url}")


def _list(context: Context, known: Known, url: str, links: Sequence[FeedLink]) -> None:
    sources = [known.find(link.url) for link in links]
    if context.args.json:
        print_json(
            {
                "page": url,
                "feeds": [
                    {
                        "url": link.url,
                        "title": link.title,
                        "form": link.form,
                        "source": source.id if source else None,
                    }
                    for link, source in zip(links, sources, strict=True)
                ],
            }
        )
        return
    print(f"{shown(url)} is a page with {plural(len(links), 'feed')}:")
    rows = [
        [link.form, link.title or "-", link.url, f"a source already: {source.id}" if source else ""]
        for link, source in zip(links, sources, strict=True)
    ]
    print_table(["FORM", "TITLE", "ADDRESS", ""], rows)


def _settled(known: Known, url: str, fetched: Fetched, feed: ParsedFeed, by: tuple[str, ...]) -> Found:
    """The feed at the address it has moved to for good, if it has."""
    if fetched.moved_to is None:
        return Found(url, feed, by)
    _refuse_forbidden(fetched.moved_to)
    _refuse_known(known, fetched.moved_to)
    return Found(fetched.moved_to, feed, (*by, f"It has moved for good to {fetched.moved_to}"))


def _entry(draft: Draft, wished: dict[str, Value], found: Found) -> Entry:
    taken = {source.id for source in draft.config.sources}
    has_title = found.feed.title != PROBE  # the probe's own name stands in for a title that is missing
    title = one_line(found.feed.title) if has_title else ""
    of_govuk = govuk.is_govuk(found.url)
    name, words = govuk_names(title, found.url) if of_govuk else (title, title)
    name = str(wished.get("name") or shortened(one_line(name), LONGEST_NAME))
    new_id = free_id(str(wished.get("name") or words), found.url, taken.__contains__)
    form = where(draft, found.url)
    implied: dict[str, Value] = {"outlet": "GOV.UK"} if of_govuk else {}
    if kind := likely_kind(found.url):
        implied["kind"] = kind
    entry: dict[str, Value] = {"id": new_id, "name": name} if name else {"id": new_id}
    return entry | ({} if "govuk" in form else implied) | wished | form


# ------------------------------------------------------------------------------------ what is shown


def newest_first(items: Sequence[Item]) -> list[Item]:
    """By date, what has none in the feed's own order at the end."""
    dated = [(item.date, item) for item in items if item.date]
    in_order = sorted(dated, key=lambda pair: pair[0], reverse=True)
    return [item for _, item in in_order] + [item for item in items if not item.date]


def _matching(items: Sequence[Item], book: RuleBook) -> dict[Side | None, int]:
    """How many of the items are relevant, for each side that a source may imply."""
    return {side: sum(book.classify(item, side).relevant for item in items) for side in SIDES}


def _print(context: Context, new: Draft, source: Source, found: Found) -> None:
    book, items = new.config.rulebook, found.feed.items
    for sentence in found.by:
        print(f"{one_line(sentence)}.")
    print(f"{one_line(source.name)}: {plural(len(items), 'entry')}{' now' if not items else ''}.")
    rows = []
    for item in newest_first(items)[:LATEST]:
        verdict = book.classify(item, source.side)
        day = item.date.astimezone(new.config.timezone).strftime("%d %b %Y") if item.date else "no date"
        rows.append([day, "yes" if verdict.relevant else "no", (verdict.topics or ("-",))[0], item.title])
    if rows:
        print_table(["DATE", "MATCHES", "TOPIC", "TITLE"], rows)
        print(_sides_in_words(_matching(items, book), source.side, len(items)))
    for skipped in found.feed.skipped[:LATEST]:
        print(f"Left out: {one_line(skipped)}.")
    done = "Would add" if context.args.dry_run else "Added"
    print(f"{done} {source.id} to {new.file}, line {new.line}:\n{new.added.replace(chr(13), '')}")
    print(f"Next: {'the same without --dry-run' if context.args.dry_run else f'monitor poll {source.id}'}")


def _sides_in_words(matching: dict[Side | None, int], chosen: Side | None, total: int) -> str:
    said = f"side: {chosen}" if chosen else "no side given"
    others = [
        f"{matching[side]} {f'with --side {side}' if side else 'without a side'}"
        for side in SIDES
        if side != chosen
    ]
    return f"{matching[chosen]} of {total} would match under today's rules ({said}); {', '.join(others)}."


def _as_json(context: Context, new: Draft, source: Source, found: Found) -> dict[str, Any]:
    book, items = new.config.rulebook, found.feed.items
    matching = _matching(items, book)
    latest = [(item, book.classify(item, source.side)) for item in newest_first(items)[:LATEST]]
    return {
        "id": source.id,
        "name": source.name,
        "url": polling.address(source, context.now),
        "kind": source.kind,
        "side": source.side,
        "feed_title": found.feed.title,
        "entries": len(items),
        "matching": matching[source.side],
        "matching_by_side": {side or "none": count for side, count in matching.items()},
        "latest": [
            {
                "title": item.title,
                "url": item.url,
                "published": item.date,
                "relevant": verdict.relevant,
                "topics": list(verdict.topics),
                "reason": verdict.reason,
            }
            for item, verdict in latest
        ],
        "skipped": list(found.feed.skipped),
        "written": not context.args.dry_run,
        "config": new.file,
        "line": new.line,
        "text": new.added,
    }
