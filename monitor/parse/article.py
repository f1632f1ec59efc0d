"""Core: the article in a web page → Page. The only user of trafilatura.

It is imported when the first article is read: with its libraries it takes as much memory as all the rest.
Time grows with the number of elements, about 8,000 in a second, and some pages made for it take far longer:
so the number is limited here, and time and memory by `sandbox`.
"""

from __future__ import annotations

from typing import Any

from ..models import Page
from ..text.html import inert
from .document import described, is_html
from .prose import MAX_TEXT, short, unbroken
from .raw import ParseError

MIN_ARTICLE = 200
"""Characters: less is a teaser, a notice on cookies or a login."""
MAX_ELEMENTS = 50_000
"""Tags, closing ones included. News pages have a few thousand."""

# What lxml and trafilatura let through on pages that no publisher would write.
_FAULTS = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
    ArithmeticError,
)


def read_article(text: str) -> Page:
    """The article of a web page, without comments, tables and what stands around it.

    Raises ParseError for what is no web page, for one without an article of `MIN_ARTICLE` characters, and for
    one with more than `MAX_ELEMENTS` tags.
    """
    if not is_html(text):
        raise ParseError(_instead(text))
    if text.count("<") > MAX_ELEMENTS:
        raise ParseError(f"a web page of more than {MAX_ELEMENTS} elements: too many to look for an article")
    title, article = _extracted(text)
    words = unbroken(inert(article[: 2 * MAX_TEXT]), MAX_TEXT)
    if len(words) < MIN_ARTICLE:
        named = f" titled “{title}”" if title else ""
        raise ParseError(
            f"a web page{named} without an article of {MIN_ARTICLE} characters: perhaps a login, a page that "
            "asks about cookies, or one that a script fills"
        )
    return Page(title=title, text=words)


def _instead(text: str) -> str:
    """What a document is that is no web page."""
    if text.startswith(("{", "[")):
        return "JSON, not a web page"
    return "XML, not a web page" if text.startswith("<") else described(text, "a web page")


def _extracted(text: str) -> tuple[str, str]:
    """Title and article, a line for each paragraph; "" for what was not found."""
    import trafilatura  # noqa: PLC0415 - see the docstring above

    try:
        tree = trafilatura.load_html(text)
        if tree is None:
            return "", ""
        title = _title(tree)
        article = trafilatura.extract(
            tree, favor_precision=True, include_comments=False, include_tables=False, output_format="txt"
        )
    except _FAULTS as error:
        raise ParseError(f"trafilatura could not read it ({type(error).__name__}: {error})") from error
    return title, article or ""


def _title(tree: Any) -> str:
    """The headline as the page gives it to others, else its title, which often has the site's name too."""
    for path, attribute in ((".//meta[@property='og:title']", "content"), (".//title", "")):
        for element in tree.iterfind(path):
            found = short(element.get(attribute, "") if attribute else element.text or "")
            if found:
                return found
    return ""
