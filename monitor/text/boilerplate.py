"""Core: cuts what publishers put around an item: links to other stories, sign-ups, "Continue reading".

It has to go before anything is matched: a list of related stories makes any item look as if it were about the
UK and China. Real sentences have to stay, so each rule asks for capitals as the publishers set them, and for
a place at the start of a line or sentence, or at the end of the text.

Text comes in two shapes: with a line for each paragraph (`text.html.paragraphs`), where a whole line can be
judged, and as one long line, where a headline that was pasted in ends nobody knows where. Rules for lines
come first.
"""

from __future__ import annotations

import re

from .later import later

_LINE = 250
"""Characters. A line longer than this is an article's paragraph, whatever it starts with."""

_START = r"""(?:(?<![^\n])|(?<=[.!?…"”’')\]][ ]))"""  # of the text, a line or a sentence
_SENTENCE_END = r"""(?:[.!?…]+["”’]?(?=\s+["“‘'A-Z0-9]|\s*\Z)|(?=\n|\Z))"""

# --- Lists of other stories. The second kind are words that also occur in sentences.
_HEADINGS = (
    r"Related (?:News|Topics?|Articles?|Stories|Story|Content|Posts?|Coverage|Links|Reading|Internet Links)"
    r"|RELATED (?:NEWS|TOPICS|ARTICLES|STORIES)"
)
_LOOSE_HEADINGS = (
    r"Read (?:next|Next)|READ NEXT|More on this [Ss]tory|More [Oo]n This Story|You (?:may|might) also like"
    r"|You May Also Like|Most [Rr]ead|Recommended (?:for you|[Ss]tories)|Trending [Nn]ow"
    r"|Editors?[’']s? [Pp]icks"
)
_HEADING_LINE = re.compile(rf"(?:{_HEADINGS}|{_LOOSE_HEADINGS})\s*:?")
_HEADING_INSIDE = later(
    rf"""(?:(?<![\w-])(?:{_HEADINGS})|{_START}(?:{_LOOSE_HEADINGS}))(?::|(?=\s+["“‘'(A-Z0-9]|\s*\Z))"""
    # What follows is a list, not the rest of a name.
    r"(?!\s+(?:Agency|Agencies|Corp|Service|Group|Network|Media)\b)"
)

# --- Links and offers between the sentences.
_POINTER = (
    r"(?:READ (?:MORE|ALSO|NEXT)|Read (?:more|also|next)|ALSO READ|Also read|RELATED|Related|WATCH|LISTEN)"
    r"\s*:"
)
_OFFER = (
    r"(?:Sign up (?:to|for|here|now|today)|SIGN UP (?:TO|FOR|HERE)|Subscribe to|Get (?:our|the)|Join our)\b"
    r"[^.!?\n]{0,160}?\b(?:newsletters?|inbox|e-?mails?|briefings?|alerts|digest)\b"
)
_LINES = later(
    rf"^(?:(?:{_POINTER}|{_OFFER})[^\n]{{0,{_LINE}}}|Hide Ad|Advertisement|ADVERTISEMENT"
    r"|Story continues below.{0,60})$",
    re.MULTILINE,
)
_INSIDE = later(
    rf"""
      Stay\ informed\ with\ free\ updates\.?
    | Simply\ sign\ up\ to\ (?:the|our)\ [^\n]{{1,120}}?\ (?:myFT\ Digest|newsletter)
      (?:\s*[—–-]+\s*delivered\ directly\ to\ your\ inbox)?\.?
    | Unlock\ the\ Editor[’']s\ Digest\ for\ free\.?
      (?:\s+[^.!?\n]{{1,80}}selects\ \w+\ favourite\ stories\ in\ this\ weekly\ newsletter\.?)?
    | Your\ support\ helps\ us\ to\ tell\ the\ story\.?
      (?:.{{0,2000}}?Your\ support\ makes\ all\ the\ difference\.?)?(?:\s+Read\ more)?
    | (?<!\w)Hide\ Ad(?!\w)
    | {_START}(?:Continue|Keep)\ reading\ (?:it|this|here|on|at|with)\b[^.!?\n]{{0,80}}[.!?…]+
    | {_START}{_POINTER.replace(" ", "[ ]")}[^\n]*?{_SENTENCE_END}
    | {_START}{_OFFER.replace(" ", "[ ]")}(?:(?:(?!\s+[A-Z“])[^.!?\n]){{0,60}}[.!?](?=\s|\Z)|)
    """,
    re.VERBOSE | re.DOTALL,
)

# --- What closes an item. Looked for several times, since one often stands before another.
_TAIL = later(
    rf"""
    (?:
      {_START}The\ (?:post|article)\ (?:[^\n]{{1,400}}?\ )?
      (?:appeared\ first|first\ appeared)\ on\ [^\n]{{1,120}}
    | {_START}(?:Continue|Keep)\ reading\b(?:[^.!?…\n“]|“[^”\n]{{0,200}}”){{0,80}}[.!?…]*
    | Continue\ reading(?:\.{{3}}|…)
    | {_START}Read\ (?:the\ )?(?:full|entire|whole)\ (?:article|story|post)
      (?:\ (?:here|on|at)\b[^\n]{{0,60}})?[.…]*
    | {_START}(?:Read\ more|Read\ More|READ\ MORE|Learn\ more|View\ article)\s*(?:[.…»›→>]|\.{{3}})*
    | {_START}(?:Sources?|Topics|Share\ this(?:\ article)?)\ ?:? | {_START}Tags\ ?:[^.!?\n]{{0,80}}
    | (?<=\s)[»›→]+
    )\Z
    """,
    re.VERBOSE,
)
_CUT_OFF = re.compile(r"\s{0,9}\[\s?(?:…|\.{3})\s?\]\Z")
_TAIL_LENGTH = 800
"""Characters of the end in which `_TAIL` is looked for, so that time stays linear."""
_TAIL_ROUNDS = 4

# --- Words one of which stands in all that each pattern finds. Most texts have none of them, and to look for
# them takes a twentieth of the time of the pattern.
_IN_HEADINGS = (
    *("Related ", "RELATED ", "Read ", "READ ", "More ", "You ", "Most ", "Recommended ", "Trending "),
    "Editor",
)
_IN_POINTERS = ("READ ", "Read ", "ALSO READ", "Also read", "RELATED", "Related", "WATCH", "LISTEN")
_IN_OFFERS = ("Sign up ", "SIGN UP ", "Subscribe ", "Get ", "Join our")
_IN_LINES = (*_IN_POINTERS, *_IN_OFFERS, "Hide Ad", "Advertisement", "ADVERTISEMENT", "Story continues")
_IN_INSIDE = (
    *("Stay informed", "Simply sign up", "Unlock the", "Your support", "Hide Ad", "Continue ", "Keep "),
    *(*_IN_POINTERS, *_IN_OFFERS),
)
_IN_TAIL = (
    *("The post ", "The article ", "Continue ", "Keep ", "Read ", "READ ", "Learn ", "View "),
    *("Source", "Topics", "Share ", "Tags", "»", "›", "→"),
)


def strip_boilerplate(text: str, extra: tuple[str, ...] = ()) -> str:
    """`text` without what is not the item's own, its line breaks kept; `extra` are the source's own phrases.

    `extra` is taken literally, in any case, wherever it stands as whole words. Never raises; time is linear.
    """
    text = strip_phrases(text, extra)
    if "\n" in text:
        text = _without_list_lines(text)
        if _has_one(_IN_LINES, text):
            text = _LINES.sub("", text)
    if _has_one(_IN_HEADINGS, text):
        text = _HEADING_INSIDE.split(text, maxsplit=1)[0]
    if _has_one(_IN_INSIDE, text):
        text = _INSIDE.sub("", text)
    return _tidy(_without_tail(_tidy(text)))


def _has_one(words: tuple[str, ...], text: str) -> bool:
    for word in words:  # noqa: SIM110 - any() of a generator takes three times as long
        if word in text:
            return True
    return False


def strip_phrases(text: str, phrases: tuple[str, ...]) -> str:
    """`text` without these phrases, whatever their case and however their words are spaced."""
    for phrase in phrases:
        words = r"\s+".join(re.escape(word) for word in phrase.split())
        if words:
            text = re.sub(
                rf"(?<!\w)(?:{words})(?!\w)" if _wordy(phrase) else words, "", text, flags=re.IGNORECASE
            )
    return text.strip()


def _wordy(phrase: str) -> bool:
    """Whether a phrase begins and ends with a letter or digit, so that it could stand inside a word."""
    bare = phrase.strip()
    return bare[0].isalnum() and bare[-1].isalnum() and bare.isascii()


def _without_list_lines(text: str) -> str:
    """Without each heading of a list that has its line to itself, and the short lines below it."""
    kept, listing = [], False
    for line in text.split("\n"):
        listing = bool(_HEADING_LINE.fullmatch(line.strip())) or (listing and len(line) <= _LINE)
        if not listing:
            kept.append(line)
    return "\n".join(kept)


def _without_tail(text: str) -> str:
    """Without what closes an item; "[…]" of a text cut short becomes "…"."""
    text = text.rstrip()
    for _ in range(_TAIL_ROUNDS):
        end = text[-_TAIL_LENGTH:]
        found = _TAIL.search(text, max(0, len(text) - _TAIL_LENGTH)) if _has_one(_IN_TAIL, end) else None
        if found:
            text = text[: found.start()].rstrip()
            end = text[-_TAIL_LENGTH:]
        cut_off = _CUT_OFF.search(text, max(0, len(text) - _TAIL_LENGTH)) if end.endswith("]") else None
        if cut_off:
            text = text[: cut_off.start()].rstrip(".… ") + "…"
        if not (found or cut_off):
            break
    return text


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
