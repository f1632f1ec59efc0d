"""Core: bytes → text, and what kind of document it is.

Decoding is done here and not by feedparser, for three reasons. Declared encodings are often wrong, while
bytes that are valid UTF-8 practically always are UTF-8. Everything before the root element (declaration,
comments, DOCTYPE, white space) can be dropped before feedparser looks for it with patterns that take
quadratic time. And entity declarations can be refused in every encoding: what expat does not expand,
feedparser's fallback does.
"""

from __future__ import annotations

import codecs
import html
import html.entities
import re
import sys
from collections.abc import Iterator

from .raw import ParseError

# Where the XML declaration or the server names one of these, it is tried; all else (zip, idna, utf-7 …) is
# not.
_ENCODINGS = re.compile(
    r"utf-8|utf-(?:16|32)(?:-[lb]e)?|gb18030|hz|big5(?:hkscs)?|cp\d{3,4}|iso8859-\d+|koi8-[rtu]|mac-roman"
    r"|euc_(?:jp|jis_2004|kr)|shift_jis(?:_2004)?|iso2022_(?:jp|kr)|tis-620|ascii"
)
# Declared names that in practice mean a superset (WHATWG Encoding, 4.2).
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "iso8859-1": "cp1252", "ascii": "cp1252"}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_TOLERATED = 0.02
"""The share of non-ASCII characters that may be broken before another encoding is tried."""

_DECLARED = re.compile(rb"<\?[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_META = re.compile(rb"<meta\b[^<>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_META_WITHIN = 4_096
"""Bytes in which an HTML page must name its encoding (WHATWG HTML, 4.2.5.4, says 1,024)."""
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
# Not allowed in XML 1.0 (2.2), not even as references.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

# References that may be to characters that XML forbids: expat gives up at them, and feedparser after it.
_DOUBTFUL_REFERENCE = re.compile(
    rb"&#(?:x0*+([0-9a-f]{0,2}+|[0-9a-f]{4,}+)|0*+([0-9]{0,2}+|[0-9]{5,}+))(?:;|(?![0-9a-z]))", re.IGNORECASE
)
_HTML_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,31});")
_BLANK_BYTES = b" \t\r\n"
_CONTROLS = bytes({*range(32)} - {*_BLANK_BYTES})
_HALF_WIDTH = b"\xef\xbf"
"""How U+FFC0 to U+FFFF begin in UTF-8, two of which are illegal."""
_INK = re.compile(r"\S")
_MARKUP = re.compile(r"\s*<[\w!?]")

_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
_FEED_START = re.compile(r"<\?xml\b|<rss\b|<feed\b|<rdf:RDF\b")
_PREFACE = 4_000
"""Characters in which the feed must start, where something else (a PHP warning) was printed before it."""
_HTML_ROOTS = {
    *("html", "head", "body", "div", "script", "style", "meta", "title", "noscript", "p", "center", "table"),
    *("br", "main", "article", "section", "header", "nav", "h1", "span", "form"),
}
_TITLE = re.compile(r"<title[^<>]*>([^<]{1,300})", re.IGNORECASE)
_BINARY = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "compressed data that the server did not declare"),
)


def decode(body: bytes, content_type: str, chinese: bool = False, wanted: str = "a feed") -> str:
    """The text of a document, without byte-order mark, edges of white space and characters illegal in XML.

    `content_type` is the HTTP header; `chinese` says that bytes of unknown encoding are rather GB 18030 than
    Windows-1252; `wanted` is for messages. Raises ParseError for an empty answer and for what begins like a
    picture, PDF or archive.
    """
    body = body.lstrip(_BLANK_BYTES)
    if not body.strip(_BLANK_BYTES + b"\x00"):
        raise ParseError("an empty answer")
    for magic, name in _BINARY:
        if body.startswith(magic):
            raise ParseError(f"{name}, not {wanted}")
    text = _plain(body)
    if text is None:
        text = _ILLEGAL.sub("", _decoded(body, content_type, chinese))
    return text.strip("\ufeff \t\r\n")


def is_plain(body: bytes) -> bool:
    """Whether bytes are UTF-8 without characters illegal in XML: `decode` takes nothing but edges from them.

    A text of plain parts is plain.
    """
    return _plain(body) is not None


def _plain(body: bytes) -> str | None:
    """The text of bytes that are plain UTF-8; None for most others, and for what may have illegal characters.

    Told by the bytes, which takes a fiftieth of the time of looking at the characters.
    """
    if len(body.translate(None, _CONTROLS)) < len(body) or _HALF_WIDTH in body:
        return None
    return _utf8(body)


def _utf8(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def root(text: str) -> str:
    """A feed's XML from its root element on; raises ParseError where the text is something else.

    Entity declarations are refused, wherever a DOCTYPE stands; other DOCTYPEs are dropped with the rest of
    the prologue.
    """
    start = _root_start(text, 0)
    if not _may_be_feed(text, start):
        later = _FEED_START.search(text, start + 1, _PREFACE)
        start = _root_start(text, later.start()) if later else len(text)
    if not _may_be_feed(text, start) or _TITLE.search(text, 0, start):
        raise ParseError(described(text))
    return text[start:]


def mended(xml: bytes) -> bytes:
    """UTF-8 without references to characters that XML forbids, and with HTML's named entities as numbers.

    XML does not know those. Each reference is mended by itself, wherever it stands.
    """
    if b"&#" in xml:
        xml = _DOUBTFUL_REFERENCE.sub(_legal, xml)
    return _HTML_ENTITY.sub(_numbered, xml)


def is_html(text: str) -> bool:
    """Whether a document is a web page, by its root element. Raises ParseError for entity declarations."""
    found = _ROOT.match(text, _root_start(text, 0))
    return found is not None and found[1].lower() in _HTML_ROOTS


def _may_be_feed(text: str, start: int) -> bool:
    found = _ROOT.match(text, start)
    return found is not None and found[1].lower() not in _HTML_ROOTS


def _legal(reference: re.Match[bytes]) -> bytes:
    """The reference, or nothing where it names no character of XML 1.0 (2.2)."""
    digits = reference[1] or reference[2] or b"0"  # of nothing but noughts none is left
    if len(digits) > 7:
        return b""
    number = int(digits, 16 if reference[1] else 10)
    return reference[0] if number <= sys.maxunicode and not _ILLEGAL.match(chr(number)) else b""


def _numbered(entity: re.Match[bytes]) -> bytes:
    """`&nbsp;` → `&#160;`, which means the same inside CDATA and out of it."""
    characters = html.entities.html5.get(f"{entity[1].decode()};", "")
    return b"".join(b"&#%d;" % ord(character) for character in characters) or entity[0]


def _decoded(body: bytes, content_type: str, chinese: bool) -> str:
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(encoding, "replace")
    if body.startswith((b"<\x00", b"{\x00")):
        return body.decode("utf-16-le", "replace")
    if body.startswith((b"\x00<", b"\x00{")):
        return body.decode("utf-16-be", "replace")
    if (text := _utf8(body)) is not None:
        return text
    for encoding in _candidates(body, content_type, chinese):
        text = body.decode(encoding, "replace")
        broken = text.count("\ufffd")
        if not broken or broken <= _TOLERATED * _beyond_ascii(text):
            return text
    return body.decode("cp1252", "replace")


def _candidates(body: bytes, content_type: str, chinese: bool) -> Iterator[str]:
    """Encodings to try, the likeliest first."""
    yield "utf-8"
    declared = _DECLARED.match(body.lstrip()) or _META.search(body, 0, _META_WITHIN)
    charset = _CHARSET.search(content_type)
    for name in (declared and declared[1].decode("ascii", "replace"), charset and charset[1]):
        if name and (encoding := _known(name)):
            yield encoding
    if chinese:
        yield "gb18030"


def _known(name: str) -> str:
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        return ""
    encoding = _SUPERSETS.get(encoding, encoding)
    return encoding if _ENCODINGS.fullmatch(encoding) else ""


def _beyond_ascii(text: str) -> int:
    # The encoded length tells without a loop: no character beyond ASCII takes fewer than two bytes.
    return len(text.encode("utf-8", "surrogatepass")) - len(text)


def _root_start(text: str, at: int) -> int:
    """Where the root element begins, after all that may stand before it (XML 1.0, 2.8)."""
    doctypes = 0
    while at < len(text):
        if text[at].isspace():
            at = _after_blanks(text, at)
        elif text.startswith("<!--", at):
            at = _after(text, "-->", at)
        elif text.startswith("<?", at):
            at = _after(text, "?>", at)
        elif not doctypes and text[at : at + 9].upper() == "<!DOCTYPE":
            doctypes, at = 1, _after_doctype(text, at)
        else:
            break
    return at


def _after_blanks(text: str, at: int) -> int:
    found = _INK.search(text, at)
    return found.start() if found else len(text)


def _after(text: str, mark: str, at: int) -> int:
    found = text.find(mark, at)
    return found + len(mark) if found >= 0 else len(text)


def _after_doctype(text: str, at: int) -> int:
    if _ENTITY.search(text, at):
        raise ParseError("it declares XML entities, which can blow up to any size: refused unread")
    closed, subset = text.find(">", at), text.find("[", at)
    if 0 <= subset < closed:
        at = _after(text, "]", subset)
    return _after(text, ">", at)


def described(text: str, wanted: str = "a feed") -> str:
    """What a document is that is not what was wanted."""
    title = _TITLE.search(text)
    if not title and not _MARKUP.match(text):
        return f"plain text, not {wanted} (it begins “{' '.join(text[:80].split())}”)"
    named = f" titled “{' '.join(html.unescape(title[1]).split())[:100]}”" if title else ""
    mistaken = "the address of the site instead of its feed, " if wanted == "a feed" else ""
    return f"a web page{named}, not {wanted}: perhaps {mistaken}a login, or a check that keeps programs out"
