"""A feed of which only the new entries are read gives the same items as the feed read whole."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from random import Random

import pytest

from benchmarks.feeds import feeds
from monitor.models import Fetched, ParsedFeed
from monitor.parse import ParseError, parse_feed
from monitor.parse.pieces import Pieces

from .conftest import make_source, shared
from .parts import is_same, pieces_of
from .test_parse_differential import OURS, corpora, files_in

URL = "https://gazette.example/feed"
SHARES = (0.0, 0.2, 0.5, 0.8, 0.95)
"""Of the entries, how many are left out of the document before."""


def read(body: bytes | str, before: bytes = b"", url: str = URL, **source: object) -> ParsedFeed:
    data = body.encode() if isinstance(body, str) else body
    return parse_feed(make_source(**source), Fetched("gazette", url, 200, data), before)


def rss(*entries: str, head: str = "<title>Gazette</title>", root: str = '<rss version="2.0">') -> str:
    return f"{root}<channel>{head}{''.join(entries)}</channel></rss>"


def entry(number: int, title: str = "", link: str = "", more: str = "") -> str:
    return (
        f"<item><title>{title or f'Report {number}'}</title><link>{link or f'{URL}/{number}'}</link>"
        f"<guid>{number}</guid><description>Tea and steel, part {number}.</description>{more}</item>"
    )


def titles(feed: ParsedFeed) -> list[str]:
    return [item.title for item in feed.items]


# The same items


def compared(bodies: Iterable[tuple[str, bytes]], counts: Counter[str]) -> list[str]:
    """The documents that come out differently in parts, after each of several documents before them."""
    wrong = []
    for name, body in bodies:
        pieces = pieces_of(body)
        try:
            whole = read(body)
        except ParseError:
            continue
        if pieces is None or not whole.outline:
            counts["always read whole"] += 1
            continue
        dice = Random(name)
        for share in SHARES:
            kept = [one for one in pieces.entries if dice.random() >= share]
            try:
                before = read(pieces.with_only(kept))
            except ParseError:  # no entry is left
                continue
            feed = read(body, before.outline)
            is_in_parts = any(isinstance(one, int) for one in feed.entries)
            counts["in parts" if is_in_parts else "whole"] += 1
            if not is_same(feed, before, whole):
                wrong.append(f"{name}, {share:.0%} new")
        if not is_same_on_top(pieces):
            wrong.append(f"{name}, new on top")
    return wrong


def is_same_on_top(pieces: Pieces) -> bool:
    """Whether the document comes out the same after one without its first entries and with more behind."""
    entries = [*pieces.entries]
    try:
        before = read(pieces.with_only(entries[1:]))
        body = pieces.with_only(entries[: max(2, len(entries) - 2)])
        return is_same(read(body, before.outline), before, read(body))
    except ParseError:  # no entry is left
        return True


def test_generated_feeds_give_the_same_items_in_parts_as_whole() -> None:
    counts: Counter[str] = Counter()
    bodies = ((str(feed), feed.body("http://127.0.0.1:1")) for feed in feeds(60))

    assert compared(bodies, counts) == []
    assert counts["in parts"] > 200


def test_generated_feeds_give_the_same_items_after_a_change() -> None:
    for feed in feeds(60):
        before = read(feed.body("http://127.0.0.1:1"))
        touched, new = (
            read(feed.body("http://127.0.0.1:1", **{change: 1}), before.outline)
            for change in ("touched", "new")
        )

        assert touched.items == (), feed
        assert is_same(new, before, read(feed.body("http://127.0.0.1:1", new=1)))
        is_broken = feed.fault in {"ampersand", "unclosed"}
        assert len(new.items) == 1 or is_broken, feed


def test_our_own_feeds_give_the_same_items_in_parts_as_whole() -> None:
    counts: Counter[str] = Counter()

    assert compared(((path.name, path.read_bytes()) for path in files_in(*OURS)), counts) == []
    assert counts["in parts"] > 50


def test_real_feeds_give_the_same_items_in_parts_as_whole() -> None:
    counts: Counter[str] = Counter()

    assert compared(((path.name, path.read_bytes()) for path in files_in(shared("samples"))), counts) == []
    assert counts["in parts"] > 20


@pytest.mark.skipif(not corpora(), reason="CORPORA names no folder of feeds")
def test_the_feeds_of_corpora_give_the_same_items_in_parts_as_whole(
    capsys: pytest.CaptureFixture[str],
) -> None:
    counts: Counter[str] = Counter()
    wrong = compared(((str(path), path.read_bytes()) for path in files_in(*corpora())), counts)
    with capsys.disabled():
        sys.stdout.write(f"\n  {dict(counts)}\n")

    assert counts, "no file in the folders of CORPORA"
    assert wrong == []


# What is read


def test_of_a_document_with_a_new_date_alone_nothing_is_read() -> None:
    dated = "<title>Gazette</title><lastBuildDate>{}</lastBuildDate><!-- made in {} s -->"
    before = read(rss(entry(1), entry(2), head=dated.format("Mon, 26 Jan 2026 08:00:00 GMT", 0.2)))
    feed = read(
        rss(entry(1), entry(2), head=dated.format("Mon, 26 Jan 2026 09:00:00 GMT", 0.7)), before.outline
    )

    assert (feed.items, feed.entries) == ((), (0, 1))


def test_of_entries_only_the_new_ones_are_read() -> None:
    before = read(rss(entry(1), entry(2)))
    feed = read(rss(entry(3), entry(1), entry(2)), before.outline)

    assert (titles(feed), feed.entries) == (["Report 3"], (feed.items[0].key, 0, 1))


def test_an_entry_that_changes_is_read_again() -> None:
    before = read(rss(entry(1), entry(2)))
    feed = read(rss(entry(1, title="Report 1, mended"), entry(2)), before.outline)

    assert titles(feed) == ["Report 1, mended"]


def test_an_entry_that_comes_back_after_it_was_gone_is_read_again() -> None:
    first = read(rss(entry(1), entry(2)))
    without = read(rss(entry(2)), first.outline)
    again = read(rss(entry(1), entry(2)), without.outline)

    assert (without.items, titles(again)) == ((), ["Report 1"])


def test_the_latest_date_counts_also_where_its_entry_was_not_read() -> None:
    dated = entry(1, more="<pubDate>Mon, 26 Jan 2026 08:00:00 GMT</pubDate>")
    before = read(rss(dated))
    feed = read(rss(entry(2), dated), before.outline)

    assert feed.newest == before.newest == before.items[0].published


def test_an_outline_that_is_damaged_is_taken_for_none() -> None:
    whole = read(rss(entry(1), entry(2)))

    for damaged in (b"?", whole.outline[:-1], whole.outline[:10], b"\0" * len(whole.outline)):
        assert read(rss(entry(1), entry(2)), damaged) == whole


# What is read whole


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "official-china"},
        {"side": "uk"},
        {"lang": "fr"},
        {"strip": ("Tea",)},
        {"url": "https://gazette.example/moved/feed"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_all_is_read_anew_where_the_same_bytes_may_mean_something_else(changed: dict[str, object]) -> None:
    document = rss(entry(1), entry(2))
    before = read(document)

    assert len(read(document, before.outline).items) == 0
    assert len(read(document, before.outline, **changed).items) == 2  # type: ignore[arg-type] - url is a str


@pytest.mark.parametrize(
    "now",
    [
        rss(entry(1), entry(2), head="<title>Gazette</title><link>https://other.example</link>"),
        rss(entry(1), entry(2), root='<rss version="2.0" xml:lang="fr">'),
        rss(entry(1), entry(2), root='<rss version="2.0" xmlns:a10="http://www.w3.org/2005/Atom">'),
        rss(entry(1), entry(2), head="<title>Gazette</title><language>zh</language>"),
    ],
    ids=["home page", "xml:lang", "namespace", "language"],
)
def test_all_is_read_anew_where_the_head_of_the_feed_says_something_else(now: str) -> None:
    before = read(rss(entry(1), entry(2)))

    assert read(now, before.outline) == read(now)
    assert len(read(now, before.outline).items) == 2


@pytest.mark.parametrize(
    "document",
    [
        rss("<item><title>One</title><item><title>Two</title></item></item>"),
        rss(entry(1), "<item/>"),
        rss(entry(1), "<ttl>60</ttl>", entry(2)),
        rss(entry(1, more='<a10:updated xmlns:a10="http://www.w3.org/2005/Atom">2026</a10:updated>')),
        rss(
            entry(1).replace("item>", "r:item>"),
            root='<rss version="2.0" xmlns:r="http://purl.org/rss/1.0/">',
        ),
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        '<channel><items><rdf:Seq><rdf:li resource="x"/></rdf:Seq></items></channel>'
        "<item><title>One</title></item></rdf:RDF>",
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>One</title><content type="xhtml">'
        '<div xmlns="http://www.w3.org/1999/xhtml"><entry/></div></content></entry></feed>',
        '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>One</a:title></a:entry></a:feed>',
    ],
    ids=[
        *("nested", "not written out", "something between", "namespace of an entry", "prefix in RSS"),
        *("RSS 1.0", "nested in xhtml", "prefix in Atom"),
    ],
)
def test_a_document_that_cannot_be_cut_safely_is_read_whole_each_time(document: str) -> None:
    before = read(document)

    assert before.outline == b""
    assert read(document, before.outline) == before


def test_what_only_looks_like_an_entry_is_none() -> None:
    quoted = entry(1, more="<content><![CDATA[<item>not one</item>]]></content><!-- <item> -->")
    before = read(rss(quoted, entry(2)))
    feed = read(rss(entry(3), quoted, entry(2)), before.outline)

    assert titles(feed) == ["Report 3"]


def test_xhtml_may_name_its_own_namespace() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>G</title>{}<entry><id>1</id><title>One</title><content'
        ' type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Tea</p></div></content></entry></feed>'
    )
    before = read(atom.format(""))
    feed = read(atom.format("<entry><id>2</id><title>Two</title></entry>"), before.outline)

    assert titles(feed) == ["Two"]


FAULTS = {
    "a bare ampersand": "Tea & steel",
    "an element that is not closed": "Tea <b>and<br> steel",
    "an end without a beginning": "Tea</b> and steel</i>",
    "an unknown entity": "Tea &tea; steel",
    "a prefix without a namespace": "Tea <x:b>and</x:b> steel",
    "an attribute without quotes": "Tea <a href=steel>and steel</a>",
    "an attribute that does not end": 'Tea <a href="steel>and steel</a>',
    "a tag that does not end": "Tea <a and steel",
    "a language that is left open": '<p xml:lang="fr">Tea <div xml:base="steel">and steel',
    "text of XHTML that is left open": '<content type="xhtml"><div>Tea',
}
"""In the description of an entry."""


SAID_OF_THE_WHOLE = {
    "a namespace without quotation marks": "<x xmlns:z=http://www.w3.org/2005/Atom>",
    "a namespace in capitals": '<x XMLNS:z="http://www.w3.org/2005/Atom">',
    "another language": '<feed version="1.0" xml:lang="fr">',
    "another channel": "</channel><channel><language>fr</language>",
    "another root": '<rdf:RDF xml:lang="fr">',
}


@pytest.mark.parametrize("said", SAID_OF_THE_WHOLE)
def test_what_an_old_entry_says_of_the_whole_document_holds_for_new_ones_on_top(said: str) -> None:
    root = '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    old = entry(1, more=SAID_OF_THE_WHOLE[said])
    before = read(rss(old, entry(2), root=root))
    document = rss(entry(3, more="<dc:date>2026-01-05</dc:date>"), old, entry(2), root=root)

    assert is_same(read(document, before.outline), before, read(document))


def faulty(fault: str, number: int = 7) -> str:
    return entry(number).replace("Tea and steel", FAULTS[fault])


@pytest.mark.parametrize("fault", FAULTS)
def test_of_a_broken_document_new_entries_on_top_are_read_alone_or_with_the_same_items_as_whole(
    fault: str,
) -> None:
    known = [entry(1), faulty(fault), entry(2), entry(4)]
    before = read(rss(*known))
    for fallen in (0, 1):
        body = rss(entry(5), entry(3), *known[: len(known) - fallen])

        assert is_same(read(body, before.outline), before, read(body))


@pytest.mark.parametrize(
    "fault",
    [
        "a bare ampersand",
        "an element that is not closed",
        "an unknown entity",
        "a prefix without a namespace",
    ],
)
def test_of_a_broken_document_new_entries_on_top_are_read_alone(fault: str) -> None:
    before = read(rss(entry(1), faulty(fault), entry(2)))
    feed = read(rss(entry(3), entry(1), faulty(fault)), before.outline)
    then = read(rss(entry(5), entry(4), entry(3), entry(1), faulty(fault)), feed.outline)

    assert (titles(feed), titles(then)) == (["Report 3"], ["Report 5", "Report 4"])


@pytest.mark.parametrize(
    "now",
    [
        rss(faulty("an unknown entity"), entry(3), entry(2)),
        rss(faulty("an unknown entity"), entry(2), entry(3)),
        rss(entry(2), faulty("an unknown entity")),
        rss(entry(3), entry(2)),
        rss(entry(3), entry(2), faulty("an unknown entity")),
        rss(faulty("a bare ampersand", 3), faulty("an unknown entity"), entry(2)),
        rss(entry(3, more="<x><ITEM/></x>"), faulty("an unknown entity"), entry(2)),
    ],
    ids=[
        *("new in between", "new at the end", "another order", "no longer broken", "new and another order"),
        *("a new one is broken", "a new one hides another"),
    ],
)
def test_a_broken_document_that_changes_otherwise_is_read_whole(now: str) -> None:
    before = read(rss(faulty("an unknown entity"), entry(2)))

    assert before.outline
    assert read(now, before.outline) == read(now)


@pytest.mark.parametrize(
    "broken",
    [
        rss(faulty("an unknown entity"), entry(1)).replace("</channel>", "<title>Other</title></channel>"),
        rss(faulty("an unknown entity"), entry(1), head="<title>Tea & steel</title>"),
        rss(faulty("an unknown entity"), entry(1, more="<x><Item><title>Two</title></Item></x>")),
    ],
    ids=["something behind the entries", "a fault in the head", "what may be an entry"],
)
def test_a_broken_document_that_cannot_be_told_apart_is_read_whole(broken: str) -> None:
    before = read(broken)
    now = broken.replace("<item>", f"{entry(3)}<item>", 1)

    assert read(now, before.outline) == read(now)


def test_spoilt_feeds_give_the_same_items_with_new_entries_as_whole() -> None:
    counts: Counter[str] = Counter()
    for path in files_in(*OURS):
        pieces = pieces_of(path.read_bytes())
        if pieces is None or len(pieces.entries) < 4:
            continue
        dice = Random(path.name)
        for fault, text in FAULTS.items():
            entries = [*pieces.entries]
            spoilt = dice.randrange(1, len(entries))
            first, tag, rest = entries[spoilt].rpartition(b"</")
            at = dice.randrange(len(first))
            entries[spoilt] = first[:at] + text.encode() + first[at:] + tag + rest
            before, body = read(pieces.with_only(entries[1:])), pieces.with_only(entries[:-1])
            feed = read(body, before.outline)

            assert is_same(feed, before, read(body)), f"{path.name}: {fault} in {spoilt} at {at}"
            counts["in parts" if len(feed.items) < len(entries) / 2 else "whole"] += 1

    assert counts["in parts"] > 30


def test_a_language_that_feedparser_lets_count_for_what_follows_has_the_document_read_whole() -> None:
    french = '<item xml:lang="fr"><title>Deux</title><link>https://gazette.example/2</link>{}</item>'
    before = read(rss(entry(1)))
    for text in (
        "<description><div>Deux</div></description>",
        '<content type="html"><div>Deux</div></content>',
    ):
        now = rss(french.format(text), entry(1))

        assert read(now, before.outline) == read(now)
    for text in (
        "<description><![CDATA[<div>Deux</div>]]></description>",
        '<content type="xhtml"><div>Deux</div></content>',
    ):
        now = rss(french.format(text), entry(1))

        assert titles(read(now, before.outline)) == ["Deux"]
        assert is_same(read(now, before.outline), before, read(now))


# What is not decoded


@pytest.mark.parametrize(
    ("new", "head"),
    [
        (b"Caf\xe9", b""),
        (b"Tea\x0b", b""),
        ("\uffe5 5".encode(), b""),
        ("\ufffe 5".encode(), b""),
        (b"&nbsp;&#0;", b""),
        (b"Tea", b"\xef\xbb\xbf"),
        (b"Tea", b'<?xml version="1.0" encoding="gb2312"?>\n'),
        (b"Tea", b"<!-- made in 0.2 s, \xe9 --><!DOCTYPE rss>"),
        (b"Tea<media:description><item>", b""),
    ],
    ids=[
        *("no UTF-8", "a control character", "a wide character", "an illegal character", "references"),
        *("a byte-order mark", "another encoding declared", "a DOCTYPE", "a caption"),
    ],
)
def test_bytes_are_read_after_others_as_by_themselves(new: bytes, head: bytes) -> None:
    before = read(head + rss(entry(1), entry(2), head="<title>G\u00e9zette</title>").encode())
    added = entry(3, title="NEW").encode().replace(b"NEW", new)
    body = head + rss("NEW", entry(1), entry(2), head="<title>G\u00e9zette</title>").encode()
    body = body.replace(b"NEW", added)

    assert is_same(read(body, before.outline), before, read(body))


def test_bytes_in_another_encoding_are_decoded_before_entries_are_looked_for() -> None:
    def feed(*entries: str) -> bytes:
        declared = '<?xml version="1.0" encoding="gb2312"?>'
        return (declared + rss(*entries, head="<title>\u516c\u62a5</title>")).encode("gb18030")

    old = entry(1, title="\u8336\u58f6\u5c55\u89c8\u5f00\u5e55")
    before = read(feed(old))

    assert titles(read(feed(entry(2, title="\u94a2"), old), before.outline)) == ["\u94a2"]


def test_an_outline_of_an_earlier_reading_is_taken_for_none() -> None:
    document = rss(entry(1), entry(2))
    whole = read(document)
    earlier = whole.outline[:16] + b"\1" + whole.outline[17:]

    assert read(document, earlier) == whole


def test_a_new_entry_that_breaks_the_document_has_it_read_whole() -> None:
    before = read(rss(entry(1), entry(2)))
    now = rss(entry(3, title="Tea & steel"), entry(1), entry(2))

    assert read(now, before.outline) == read(now)


# Entries that are told apart by each other


def test_a_new_entry_with_the_address_of_a_known_one_has_the_document_read_whole() -> None:
    live = f"{URL}/live"
    before = read(rss(entry(1, link=live), entry(2)))
    now = rss(entry(3, link=live), entry(1, link=live), entry(2))

    feed = read(now, before.outline)

    assert feed == read(now)
    assert before.items[0].key not in [item.key for item in feed.items]


def test_entries_that_shared_an_address_are_known_only_together() -> None:
    live = f"{URL}/live"
    before = read(rss(entry(1, link=live), entry(3, link=live), entry(2)))
    alone = rss(entry(1, link=live), entry(2))

    assert read(rss(entry(1, link=live), entry(3, link=live)), before.outline).items == ()
    assert read(alone, before.outline) == read(alone)


def test_an_entry_that_stands_there_twice_is_one_item() -> None:
    twice = rss(entry(1), entry(2), entry(1))
    before = read(rss(entry(1), entry(2)))

    feed = read(twice, before.outline)
    again = read(rss(entry(3), entry(1), entry(2), entry(1)), feed.outline)

    assert feed == read(twice)
    assert (len(feed.items), titles(again)) == (2, ["Report 3"])


def test_govuk_saying_that_a_feed_has_ended_is_heard_in_a_new_entry() -> None:
    ended = (
        "<item><title>This feed has ended</title><guid>https://www.gov.uk/feed-ended</guid>"
        "<link>https://www.gov.uk/search</link></item>"
    )
    before = read(rss(entry(1)))

    with pytest.raises(ParseError, match="has ended"):
        read(rss(ended, entry(1)), before.outline)
