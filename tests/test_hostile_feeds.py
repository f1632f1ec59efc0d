"""Hostile sources, polled by the real program between two good ones: it ends well, in little time and memory.

Each promise of SECURITY.md about feeds has its cases here: what a stranger's server may answer, and what a
stranger's document may hold. Whatever it is, the good sources' items are stored, and the source is told of in
a sentence.
"""

from __future__ import annotations

import base64
import gzip
import json
import sqlite3
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from .loopback import Loopback
from .measured import figures, measured
from .program import monitor, rss, write_config

NOW = "2026-01-29T08:30:00Z"
MIB = 1024 * 1024
MOST_MEMORY = 300 * MIB
"""Of any process of the program."""
MOST_SECONDS = 30.0
FIRST = [(f"Britain and China meet for the {n} time", "A visit.") for n in ("first", "second", "third")]
LAST = [(f"The {n} tariff on Chinese steel in Britain", "Trade.") for n in ("first", "second", "third")]
GOOD_TITLES = {title for title, _ in FIRST + LAST}

Handler = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll left."""

    code: int
    sources: dict[str, dict[str, Any]]
    seconds: float
    memory: int
    """The most that any of its processes held, in bytes."""
    titles: frozenset[str]

    @property
    def errors(self) -> dict[str, str]:
        """Why each source that failed did."""
        return {id_: source["error"] for id_, source in self.sources.items() if source["error"]}


def poll(folder: Path) -> Polled:
    """`monitor poll` in a process of its own, measured."""
    out, err = folder / "out.json", folder / "err.txt"
    began = time.monotonic()
    with out.open("wb") as to, err.open("wb") as words:
        process = subprocess.run(
            measured(sys.executable, "-m", "monitor", "--now", NOW, "poll", "--all", "--json"),
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "HOME": str(folder)},
            stdout=to,
            stderr=words,
            check=False,
        )
    said, _, used = err.read_text(encoding="utf-8").rstrip("\n").rpartition("\n")
    assert "Traceback" not in said, said
    answer = json.loads(out.read_bytes())
    with sqlite3.connect(folder / "data" / "monitor.db") as db:
        titles = frozenset(title for (title,) in db.execute("SELECT title FROM items"))
    db.close()
    return Polled(
        process.returncode,
        {source["id"]: source for source in answer["sources"]},
        time.monotonic() - began,
        figures(used)[0],
        titles,
    )


def poll_between_good_ones(folder: Path, site: Loopback, hostile: list[str], **limits: str) -> Polled:
    """Polls the paths `/ID` of `hostile`, with a good source before and one after them."""
    site.serve("/good-first", rss(*FIRST))
    site.serve("/good-last", rss(*LAST))
    ids = ["good-first", *hostile, "good-last"]
    write_config(folder, site, "\n".join(f"{{id: {id_}, url: '{{site}}/{id_}', kind: other}}" for id_ in ids))
    config = folder / "config.yaml"
    settings = {"timeout": "3s", "per_host": "16"} | limits
    given = ", ".join(f"{name}: {value}" for name, value in settings.items())
    config.write_text(config.read_text().replace("{timeout: 5s}", f"{{{given}}}"), encoding="utf-8")
    return poll(folder)


def assert_goes_on(polled: Polled) -> None:
    """The promise to all other sources, and to the machine."""
    assert polled.code == 0
    assert polled.titles >= GOOD_TITLES
    assert [polled.sources[id_]["error"] for id_ in ("good-first", "good-last")] == [None, None]
    assert polled.memory < MOST_MEMORY
    assert polled.seconds < MOST_SECONDS
    for error in polled.errors.values():
        assert error.isprintable()
        assert len(error) <= 400


# What a server may answer

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"


def says(*pieces: bytes) -> Handler:
    """Sends this, as it stands, and hangs up."""

    def handle(request: BaseHTTPRequestHandler) -> None:
        request.close_connection = True
        for piece in pieces:
            request.wfile.write(piece)

    return handle


def pours(start: bytes, piece: bytes) -> Handler:
    """Sends `start`, then `piece` for ever, as fast as it is read."""

    def handle(request: BaseHTTPRequestHandler) -> None:
        request.close_connection = True
        request.wfile.write(start)
        while True:  # until the reader hangs up
            request.wfile.write(piece)

    return handle


def drips(site: Loopback, start: bytes, piece: bytes) -> Handler:
    """Sends `start`, then `piece` for ever, so slowly that nobody's memory is at stake."""

    def handle(request: BaseHTTPRequestHandler) -> None:
        request.close_connection = True
        request.wfile.write(start)
        while not site.closing.wait(0.05):
            request.wfile.write(piece)

    return handle


def packed(megabytes: int, wbits: int = 31) -> bytes:
    """So many megabytes of nothing, compressed."""
    packer = zlib.compressobj(9, wbits=wbits)
    start = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush the same megabyte has the same bytes, so that one is enough to have all.
    return (
        start + (packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)) * megabytes + packer.flush()
    )


def zstandard(megabytes: int) -> bytes:
    """The same as a frame of Zstandard: blocks of one byte, each repeated 131,072 times (RFC 8878, 3.1.1)."""
    block = struct.pack("<I", (131_072 << 3) | 0b010)[:3] + b"x"
    return b"\x28\xb5\x2f\xfd\x00\x38" + block * (8 * megabytes) + b"\x01\x00\x00"


BROTLI = base64.b64decode("z///f/gnAOKxQCD3/p/////wTwDEYQGA7v0/////4Z8AiMMiAN37//z//8c/ARCHBQC69/8=")
"""Sixty-four megabytes of nothing."""


def coded(coding: str, body: bytes) -> Handler:
    return says(HEAD + b"Content-Encoding: " + coding.encode() + b"\r\n\r\n", body)


def answers(site: Loopback) -> dict[str, tuple[Handler, str]]:
    """Hostile servers, and what is said of each."""
    good = rss(*FIRST)
    nested = gzip.compress(packed(400), mtime=0)
    two = b"Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n\r\n"
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    early = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    return {
        "gzip-bomb": (coded("gzip", packed(400)), "larger than"),
        "deflate-bomb": (coded("deflate", packed(400, 15)), "larger than"),
        "gzip-bomb-named-twice": (coded("gzip, gzip", nested), "only plain gzip"),
        "gzip-bomb-in-two-headers": (says(HEAD + two, nested), "only plain gzip"),
        "gzip-bomb-named-once": (coded("gzip", nested), "compressed data"),
        "gzip-bomb-not-named": (says(HEAD + b"\r\n", packed(1)), "compressed data"),
        "gzip-after-identity": (coded("identity, gzip", packed(400)), "larger than"),
        "gzip-of-many-members": (coded("gzip", gzip.compress(b"", mtime=0) * 5000), "members"),
        "brotli-bomb": (coded("br", BROTLI), "only plain gzip"),
        "zstandard-bomb": (coded("zstd", zstandard(400)), "only plain gzip"),
        "compress-bomb": (coded("compress", b"\x1f\x9d" + bytes(1000)), "only plain gzip"),
        "damaged-gzip": (coded("gzip", gzip.compress(good, mtime=0)[:-20]), "cut short"),
        "gzip-that-is-none": (coded("gzip", good), "damaged"),
        "endless": (pours(HEAD + b"\r\n", b"x" * 65_536), "larger than"),
        "endless-in-chunks": (pours(chunked, b"10000\r\n" + b"x" * 65_536 + b"\r\n"), "larger than"),
        "endless-feed": (
            pours(HEAD + b"\r\n<rss><channel>", b"<item><title>x</title></item>" * 999),
            "larger",
        ),
        "endless-gzip": (
            pours(
                HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"", mtime=0)[:10], b"\0\0\0\xff\xff"
            ),
            "timed out",
        ),
        "endless-first-line": (pours(b"", b"x" * 65_536), "does not speak HTTP"),
        "endless-header": (pours(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65_536), "does not speak HTTP"),
        "endless-headers": (pours(b"HTTP/1.1 200 OK\r\n", b"X: x\r\n" * 999), "does not speak HTTP"),
        "endless-trailers": (pours(chunked + b"0\r\n", b"X: x\r\n" * 999), "does not speak HTTP"),
        "endless-chunk-size": (pours(chunked, b"0" * 65_536), "does not speak HTTP"),
        "flood-of-interim-answers": (pours(early * 9, early * 99), "timed out"),
        "dripping-body": (drips(site, HEAD + b"\r\n", b"x"), "timed out"),
        "dripping-chunks": (drips(site, chunked, b"1\r\nx\r\n"), "timed out"),
        "dripping-headers": (drips(site, b"HTTP/1.1 200 OK\r\n", b"X: x\r\n"), "timed out"),
        "dripping-interim-answers": (drips(site, b"", early), "timed out"),
        "silence": (drips(site, b"", b""), "timed out"),
        "no-answer": (says(), "broke off"),
        "not-http": (says(b"220 mail.example ESMTP\r\n"), "does not speak HTTP"),
        "old-http": (says(good), "does not speak HTTP"),
        "absurd-status": (says(b"HTTP/1.1 99999 Yes\r\n\r\n"), "does not speak HTTP"),
        "unknown-status": (says(b"HTTP/1.1 999 \x1b[31mNo\r\n\r\n"), "answered 999"),
        "negative-length": (says(HEAD + b"Content-Length: -1\r\n\r\n"), "does not speak HTTP"),
        "two-lengths": (
            says(HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n"),
            "does not speak HTTP",
        ),
        "absurd-length": (says(HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n"), "HTTP"),
        "large-length": (says(HEAD + b"Content-Length: 99999999999\r\n\r\n"), "larger than"),
        "cut-short": (says(HEAD + b"Content-Length: 5000\r\n\r\n" + good[:50]), "broke off"),
        "nul-in-header": (says(b"HTTP/1.1 200 OK\r\nX: \0\r\n\r\n" + good), "does not speak HTTP"),
        "unasked-not-modified": (says(b"HTTP/1.1 304 Not Modified\r\n\r\n"), "answered 304"),
        "absurd-pause": (
            says(b"HTTP/1.1 429 No\r\nRetry-After: 99999999999999999999999\r\nContent-Length: 0\r\n\r\n"),
            "answered 429",
        ),
        "circle": (says(b"HTTP/1.1 302 Found\r\nLocation: /circle\r\nContent-Length: 0\r\n\r\n"), "circle"),
        "chain": (chain, "more than 5 redirects"),
    }


def chain(request: BaseHTTPRequestHandler) -> None:
    """Redirects to itself under another address each time."""
    request.close_connection = True
    request.wfile.write(b"HTTP/1.1 301 Moved\r\nLocation: %sx\r\n\r\n" % request.path.encode())


def test_no_servers_answer_stops_the_other_sources(tmp_path: Path) -> None:
    with Loopback() as site:
        cases = answers(site)
        for id_, (handler, _) in cases.items():
            site.handle(f"/{id_}", handler)
        for n in range(1, 9):
            site.handle(f"/chain{'x' * n}", chain)
        polled = poll_between_good_ones(tmp_path, site, [*cases])

    assert_goes_on(polled)
    assert {id_: words for id_, (_, words) in cases.items() if words not in polled.errors.get(id_, "")} == {}
    assert polled.titles == GOOD_TITLES
    assert sum(request.path.startswith("/chain") for request in site.requests) == 6


# What a document may hold


def feed(item: str, before: str = "", times: int = 1) -> bytes:
    """An RSS document with `item` so many times and `before` at its head."""
    return f"{before}<rss version='2.0'><channel><title>T</title>{item * times}</channel></rss>".encode()


def titled(title: str, before: str = "") -> bytes:
    return feed(f"<item><title>{title}</title><guid>1</guid></item>", before)


XML = '<?xml version="1.0"?>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<!DOCTYPE l [<!ENTITY l0 "lol">{LAUGHS}]>'
EXPANSION = f"<!DOCTYPE l [<!ENTITY a '{'A' * 28_000}'>]>"
HARMLESS = "harmless"
"""What a case is called whose document is read: what is hostile in it does nothing."""


def documents(outside: str) -> dict[str, tuple[bytes, str]]:
    """Hostile documents, and what is said of each. `outside` is an address that must not be asked."""
    entities, laugh = "XML entities", titled("&l9;", XML + LAUGHS)
    external = f'<!DOCTYPE l [<!ENTITY x SYSTEM "{outside}/entity">]>'
    parameter = f'<!DOCTYPE l [<!ENTITY % p SYSTEM "{outside}/parameter"> %p;]>'
    file = '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return {
        "laughs": (laugh, entities),
        "laughs-on-their-own-lines": (
            titled("&l9;", f"{XML}\n{LAUGHS.replace('<!', chr(10) + '<!')}"),
            entities,
        ),
        "laughs-after-a-comment": (titled("&l9;", f"{XML}<!-- x -->{LAUGHS}"), entities),
        "laughs-after-an-instruction": (titled("&l9;", f"{XML}<?x ?>{LAUGHS}"), entities),
        "laughs-without-declaration": (titled("&l9;", LAUGHS), entities),
        "laughs-in-small-letters": (titled("&l9;", LAUGHS.replace("DOCTYPE", "doctype")), entities),
        "laughs-behind-words": (titled("&l9;", "<br><b>Notice</b>: in feed.php\n" + XML + LAUGHS), entities),
        "laughs-behind-a-doctype": (titled("&l9;", f"{XML}<!DOCTYPE rss>{LAUGHS}"), entities),
        "laughs-with-a-gap": (titled("&l9;", XML + LAUGHS.replace("<!ENTITY", "<!\0ENTITY")), entities),
        "laughs-within": (feed(f"{LAUGHS}<item><title>harmless &l9;</title><guid>1</guid></item>"), HARMLESS),
        "laughs-in-utf-16": (laugh.decode().encode("utf-16"), entities),
        "laughs-in-utf-16-unmarked": (laugh.decode().encode("utf-16-be"), entities),
        "laughs-in-utf-32": (laugh.decode().encode("utf-32"), entities),
        "laughs-in-utf-7": (b'<?xml encoding="utf-7"?>' + laugh.replace(b"<", b"+ADw-"), "not a feed"),
        "laughs-in-ebcdic": (laugh.decode().encode("cp500"), "not a feed"),
        "laughs-in-json": (
            b'{"version": "https://jsonfeed.org/version/1", "items": "' + laugh,
            "broken JSON",
        ),
        "quadratic-expansion": (titled("&a;" * 9_000, XML + EXPANSION), entities),
        "quadratic-expansion-in-words": (titled("&a;" * 9_000, f"{XML}<!-- x -->{EXPANSION}"), entities),
        "entity-of-parameters": (titled("x", XML + parameter), entities),
        "parameters-in-utf-16": (titled("x", XML + parameter).decode().encode("utf-16"), entities),
        "entity-from-outside": (titled("&x;", XML + external), entities),
        "entity-from-a-file": (titled("&x;", XML + file), entities),
        "entity-from-a-file-on-lines": (
            titled("&x;", f"{XML}\n{file.replace('<!', chr(10) + '<!')}"),
            entities,
        ),
        "dtd-from-outside": (titled("harmless", f'{XML}<!DOCTYPE rss SYSTEM "{outside}/dtd">'), HARMLESS),
        "dtd-from-a-file": (titled("harmless", f'{XML}<!DOCTYPE rss SYSTEM "file:///dev/zero">'), HARMLESS),
        "style-from-outside": (
            titled("harmless", f'{XML}<?xml-stylesheet href="{outside}/style"?>'),
            HARMLESS,
        ),
        "included-from-outside": (
            titled(f'harmless<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="{outside}/x"/>'),
            HARMLESS,
        ),
        "content-from-outside": (
            b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>1</id><title>harmless</title>"
            b"<content type='text/html' src='%s/content'/></entry></feed>" % outside.encode(),
            HARMLESS,
        ),
        "path": (b"/etc/passwd", "plain text"),
        "path-to-a-feed": (b"good.xml", "plain text"),
        "device": (b"/dev/zero", "plain text"),
        "address": (f"{outside}/address".encode(), "plain text"),
        "address-of-a-file": (b"file:///etc/passwd", "plain text"),
        "newlines": (titled("harmless", XML + "\n" * 200_000), HARMLESS),
        "newlines-after-a-comment": (titled("harmless", "<!-- x -->" + "\r\n" * 100_000), HARMLESS),
        "spaces-before-all": (b" " * 200_000 + titled("harmless"), HARMLESS),
        "comments-without-end": (titled("harmless" + "<!--" * 50_000), "neither link nor title nor guid"),
        "escaped-comments": (titled("harmless" + "&lt;!--" * 50_000), HARMLESS),
        "sections-without-end": (feed("<![CDATA[" * 100_000), "broken XML"),
        "instructions-without-end": (b"<?" * 200_000, "not a feed"),
        "doctypes-without-end": (b"<!DOCTYPE [" * 50_000, "not a feed"),
        "zeros-in-a-reference": (titled(f"harmless &#x{'0' * 100_000}g &#{'0' * 100_000}g"), HARMLESS),
        "digits-in-a-reference": (titled(f"harmless &#x{'1' * 100_000}; &#{'9' * 100_000};"), HARMLESS),
        "ampersands": (titled("harmless" + "& " * 50_000), HARMLESS),
        "one-large-attribute": (
            feed(f"<item a='{'x' * 5_000_000}'><title>harmless</title></item>"),
            HARMLESS,
        ),
        "one-large-title": (titled("harmless " + "x" * 5_000_000), HARMLESS),
        "deep-json": (b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 300_000, "deep"),
        "large-number": (
            b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"9" * 50_000,
            "broken",
        ),
        "json-of-all-types": (
            b'{"version": "https://jsonfeed.org/version/1.1", "title": {}, "items": [0, null, [], {"id": 1.5,'
            b' "title": ["harmless"], "url": {}, "summary": "harmless", "date_published": -1,'
            b' "tags": [null]}, {"id": "\\ud800", "title": "harmless \\udfff\\u0000"}]}',
            HARMLESS,
        ),
        "nothing": (b"", "empty"),
        "white-space": (b"\n" * 1000, "empty"),
        "nul-bytes": (bytes(1000), "empty"),
        "pdf": (b"%PDF-1.7 \xff\xfe", "a PDF document"),
        "picture": (b"\x89PNG\r\n\x1a\n", "a picture"),
        "archive": (b"PK\x03\x04", "a ZIP archive"),
        "random-bytes": (bytes(range(128, 256)) * 40, "not a feed"),
        "login-page": (b"<!DOCTYPE html><title>Sign in</title><form></form>", "Sign in"),
        "check-for-robots": (b"<html><head><title>Just a moment...</title></head></html>", "Just a moment"),
        "page-with-entities": (b"<!DOCTYPE html [<!ENTITY a 'b'>]><title>&a;</title>", entities),
        "other-xml": (b"<sitemapindex/>", "no feed"),
        "other-json": (b'{"error": "no"}', "not a JSON Feed"),
        "no-items": (feed(""), HARMLESS),
        "half-a-feed": (titled("harmless")[:-30], HARMLESS),
        "false-encoding": (titled("harmless \u00e9\u6c49", '<?xml version="1.0" encoding="zip"?>'), HARMLESS),
        "absurd-encoding": (titled("harmless", f'<?xml version="1.0" encoding="{"x" * 50_000}"?>'), HARMLESS),
        "broken-utf-8": (titled("harmless").replace(b"less", b"less \xff\xfe\xc0\x80\xed\xa0\x80"), HARMLESS),
        "overlong-utf-8": (titled("harmless").replace(b"less", b"less \xc0\xbcscript\xc0\xbe"), HARMLESS),
        "half-a-utf-16": (titled("harmless").decode().encode("utf-16")[:-1], HARMLESS),
        "iso-2022": (titled("harmless").replace(b"less", b"less \x1b$B!!!\x1b(B"), HARMLESS),
        "gb18030": (titled("harmless \u4e2d\u82f1", XML).decode().encode("gb18030"), HARMLESS),
    }


def test_no_document_stops_the_other_sources(tmp_path: Path) -> None:
    (tmp_path / "good.xml").write_bytes(titled("read from the disk"))
    with Loopback() as site, Loopback() as outside:
        cases = documents(outside.url())
        for id_, (body, _) in cases.items():
            site.serve(f"/{id_}", body, content_type="text/xml")
        polled = poll_between_good_ones(tmp_path, site, [*cases])

    told = {id_: polled.errors.get(id_, HARMLESS) for id_ in cases}
    assert {id_: (told[id_], words) for id_, (_, words) in cases.items() if words not in told[id_]} == {}
    assert_goes_on(polled)
    assert outside.count() == 0
    strange = {title for title in polled.titles - GOOD_TITLES if not title.startswith("harmless")}
    assert strange == set()


# Where a server may send the program


INSIDE = (
    *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.0.0.1."),
    *("0.0.0.0", "0", "localhost", "LOCALHOST", "localhost.", "a.localhost", "user:password@127.0.0.1"),
    *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]"),
    *("[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1%25lo]", "[::1%25lo]", "127\u30020\u30020\u30021"),
    *(
        "\u2460\u2461\u2466.0.0.1",
        "%31%32%37.0.0.1",
        "127.0.0.1%00.feeds.example",
        "127.0.0.1\\@feeds.example",
    ),
)
"""Ways to write this machine's own address, of which none is listed for this port."""
ELSEWHERE = (
    *(
        "169.254.169.254",
        "[fd00:ec2::254]",
        "[::ffff:169.254.169.254]",
        "2852039166",
        "100.64.0.1",
        "10.0.0.1",
    ),
    *("192.168.0.1", "172.16.0.1", "224.0.0.1", "255.255.255.255", "[ff02::1]", "[fe80::1]", "[fd12::1]"),
    *("192.0.0.1", "198.18.0.1", "[2001:db8::1]", "[fec0::1]"),
)
"""Machines inside, a cloud's credentials first, and addresses that nobody has."""
SCHEMES = (
    *(
        "file:///etc/passwd",
        "FILE:/etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1:25/_HELO",
        "data:,<rss/>",
    ),
    *("javascript:alert(1)", "jar:http://127.0.0.1/!/", "ws://127.0.0.1/", "feed:http://127.0.0.1/"),
)
BROKEN = ("//[", "http:///", "http://[::1", "http://127.0.0.1:x/", "http://xn--\xff/", "?" * 5_000)


def test_no_redirect_leads_inside_or_away_from_the_web(tmp_path: Path) -> None:
    with Loopback() as site, Loopback() as inside:
        targets = [f"http://{host}:{inside.port}/secret" for host in INSIDE]
        targets += [f"http://{host}/latest/meta-data" for host in ELSEWHERE]
        targets += [*SCHEMES, *BROKEN]
        for number, target in enumerate(targets):
            at = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n" % target.encode(
                "utf-8", "replace"
            )
            site.handle(f"/r{number}", says(at))
        polled = poll_between_good_ones(tmp_path, site, [f"r{number}" for number in range(len(targets))])

    assert_goes_on(polled)
    refused = ("redirect to it is not followed", "was not found", "cannot be read as an address")
    for number, target in enumerate(targets):
        error = polled.errors[f"r{number}"]
        words = ("only http and https",) if target in SCHEMES else refused
        assert target in BROKEN or any(word in error for word in words), (target, error)
        assert "allow_private" not in error  # nobody is told to open what a stranger points at
    assert inside.count() == 0
    assert polled.titles == GOOD_TITLES


# What a document may cost

ENDLESS = (
    b"<rss version='2.0'><channel><item "
    + b" ".join(b"a%d='1'" % n for n in range(200_000))
    + b"/></channel></rss>"
)
"""Attributes cost the parser quadratic time: this is never read within the time that it has."""


def test_a_document_that_is_never_read_holds_up_neither_the_service_nor_its_next_polls(
    tmp_path: Path,
) -> None:
    with Loopback() as site:
        site.serve("/endless", ENDLESS, content_type="text/xml")
        site.serve("/good", rss(*FIRST))
        sources = "".join(
            f"{{id: {id_}, url: '{{site}}/{id_}', kind: other}}\n" for id_ in ("endless", "good")
        )
        config = write_config(tmp_path, site, sources)
        service = subprocess.Popen(
            [sys.executable, "-m", "monitor", "run", "--tick", "1"],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert service.stderr is not None
        log: list[str] = []

        def wait_for(words: str) -> str:
            for line in service.stderr or ():
                log.append(line)
                if words in line:
                    return line
            raise AssertionError("".join(log))

        try:
            wait_for("source=good status=ok")
            told = wait_for("source=endless status=failed")
            site.serve("/later", rss(*LAST))
            more = sources + "{id: later, url: '{site}/later', kind: other}"
            write_config(tmp_path, site, more)
            wait_for("source=later status=ok")
        finally:
            service.terminate()
            service.communicate(timeout=20)

    assert config.exists()
    assert "seconds" in told
    assert service.returncode == 0
    # The good one did not wait for the endless one.
    assert [word in "".join(log[: log.index(told)]) for word in ("source=good", "source=later")] == [
        True,
        False,
    ]


def test_ten_thousand_items_are_read_as_far_as_the_limit_and_the_rest_is_told_of(tmp_path: Path) -> None:
    items = "".join(f"<item><title>harmless {n}</title><link>/{n}</link></item>" for n in range(10_000))
    with Loopback() as site:
        site.serve("/many", feed(items))
        polled = poll_between_good_ones(tmp_path, site, ["many"])

    assert_goes_on(polled)
    many = polled.sources["many"]
    assert (many["status"], many["new"]) == ("ok", 2_000)
    assert "8000 more entries" in many["error"]


# What a document may name


NAMES = (
    *(
        "../../../../tmp/x",
        "/etc/cron.d/x",
        "..",
        ".",
        "",
        "a/b\\c",
        "x\u202etxt.exe",
        "CON",
        "-rf",
        "~root",
        "%2e%2e%2f",
    ),
    *(
        "&#x2e;&#x2e;/x",
        "C:\\x",
        "\n",
        "{{ x }}",
        "$(id)",
        "`id`",
        "index.html",
        ".archive.json",
        "n" * 5_000,
    ),
)


def test_no_name_in_a_feed_becomes_the_name_of_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    folder.mkdir()

    def items(named: bool) -> bytes:
        rows = (
            f"<item><title>Britain and China meet: {escape(name) if named else n}</title>"
            f"<guid isPermaLink='false'>{escape(name) if named else n}</guid>"
            f"<link>https://gazette.example/{n}/{escape(name) if named else n}</link>"
            f"<category>{escape(name) if named else n}</category>"
            f"<author>{escape(name) if named else n}</author>"
            f"<source url='file:///x'>{escape(name) if named else n}</source></item>"
            for n, name in enumerate(NAMES)
        )
        return f"<rss version='2.0'><channel><title>../../x</title>{''.join(rows)}</channel></rss>".encode()

    def files(named: bool) -> set[str]:
        desk = folder / ("named" if named else "plain")
        desk.mkdir()
        with Loopback() as site:
            site.serve("/feed", items(named))
            write_config(desk, site, "{id: gazette, url: '{site}/feed', kind: other}")
            assert monitor("--now", NOW, "once", "--force", cwd=desk).code == 0
        assert monitor("--now", NOW, "export", "--format", "csv", "-o", "out.csv", cwd=desk).code == 0
        return {str(path.relative_to(desk)) for path in desk.rglob("*")}

    named, plain = files(named=True), files(named=False)

    assert {path.name for path in tmp_path.iterdir()} == {"desk"}
    assert {path.name for path in folder.iterdir()} == {"named", "plain"}
    stories = {path for path in named ^ plain if not path.startswith("data/site/story/")}
    assert stories == set()
    assert all(len(part) < 60 and part.strip("-._").isascii() for path in named for part in path.split("/"))
