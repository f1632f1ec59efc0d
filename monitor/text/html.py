"""Core: makes plain text of whatever a feed calls text: HTML, escaped HTML, HTML escaped twice, or text.

Every pattern here is linear in the length of its input, whatever the input is: a quantifier is either
bounded, possessive, or stops at the next angle bracket. A tree builder (html5ever, lxml) is not: deep nesting
costs it quadratic time or the stack, and all that is wanted is the words.
"""

from __future__ import annotations

import html as entities
import re

# Elements whose content is not text. What is left open hides the rest, as in a browser.
_HIDDEN = re.compile(
    r"<(script|style|template|svg|iframe)(?=[\s/>])(?:[^<>]*/>|[^<>]*>.*?(?:</\1[^<>]*>|\Z))",
    re.IGNORECASE | re.DOTALL,
)
_MARKUP = re.compile(
    r"""
      <!--.*?(?:-->|\Z)                                          # a comment; left open, it hides the rest
    | <!\[CDATA\[ | \]\]>                                        # the marker goes, the content stays
    | <[!?][a-z][^<>]*+>                                         # doctype, processing instruction
    | </?([a-z][a-z0-9:-]*+)(?:[^<>"']|"[^"]*+"|'[^']*+')*+>     # a tag, with ">" allowed inside quotes
    | </?([a-z][a-z0-9:-]*+)[^<>]*+>                             # a tag with an unbalanced quote
    | <[a-z]+\s[^<>=]*+=[^<>]*+\Z | </?[a-z]*+\Z                 # a tag cut off at the end of the text
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
# Tags inside a word or sentence: taking them away must not part what they join.
_INLINE = re.compile(
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|ins|kbd|label|mark|nobr|q|s|samp|small|span"
    "|strike|strong|sub|sup|time|tt|u|var|wbr"
)
# Tags that part words, but not paragraphs. All others part paragraphs.
_SPACE = re.compile("img|td|th|input|button|select|option|audio|video|canvas|embed|object|picture|source")

# C0 and C1 controls but for white space, soft hyphen, zero-width and bidi controls, interlinear and tag
# characters, non-characters, lone surrogates. They hide words from rules, or turn a line around for its
# reader.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
# int() refuses very long digit strings (CPython since 3.11), and no character has such a number.
_ABSURD_REFERENCE = re.compile(r"&#(?:[0-9]{8,}|x[0-9a-f]{7,});?", re.IGNORECASE)
_TAG_LIKE = re.compile(r"<(?=[A-Za-z/!?])")

_ROUNDS = 2
"""How often text is unescaped: feeds escape twice (`&amp;amp;`), none has been seen to escape thrice."""


def plain(html: str) -> str:
    """One paragraph of plain text: no tags, entities, control characters or runs of white space.

    Never raises, takes time linear in the length, and never returns `<` with a letter after it, so that the
    result is inert even where an escape is forgotten.
    """
    return paragraphs(html).replace("\n", " ")


def paragraphs(html: str) -> str:
    """Like `plain`, with one line for each paragraph, heading, list item or line break."""
    text, broken = html, False
    for _ in range(_ROUNDS):
        text, broken = _without_markup(text, broken)
        unescaped = _unescape(text)
        if unescaped == text:
            break
        text = unescaped
    text, _ = _without_markup(text, broken)
    return inert(text)


def inert(text: str) -> str:
    """Plain text as it may be shown, for text whose markup is gone: what `paragraphs` ends with.

    No control characters, no empty lines, and no `<` with a letter after it: what looks like a tag now was
    one that the page wrote about, or the rest of a broken one.
    """
    text = _TAG_LIKE.sub("< ", _INVISIBLE.sub("", text))
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _without_markup(text: str, broken: bool) -> tuple[str, bool]:
    """The text without tags, and whether its line breaks now stand for paragraphs."""
    if "<" not in text:
        return text, broken
    visible = _HIDDEN.sub("\n", text)
    if not broken and _has_blocks(visible):
        # In HTML a line break of the source means no more than a blank.
        visible, broken = " ".join(visible.splitlines()), True
    return _MARKUP.sub(_gap, visible), broken


def _has_blocks(text: str) -> bool:
    return any(_gap(match) == "\n" for match in _MARKUP.finditer(text))


def _gap(markup: re.Match[str]) -> str:
    """What stands in for a piece of markup."""
    name = (markup[1] or markup[2] or "").lower()
    if not name or _INLINE.fullmatch(name):
        return ""
    return " " if _SPACE.fullmatch(name) else "\n"


def _unescape(text: str) -> str:
    if "&" not in text:
        return text
    return entities.unescape(_ABSURD_REFERENCE.sub("", text))
