"""Core: cuts text where a reader would."""

from __future__ import annotations

import re

from ..models import Judged
from ..text.words import fold, words

# No hyphen: "China-UK talks" does not open with the headline "China".
_AFTER_HEADLINE = ".:|–—…!?。\n"
_CUT_OFF = ("…", "...")
_BETWEEN_SENTENCES = re.compile(r"\s*[“‘(\[]*$|\s+[\"'“‘(\[]*$")


def extract(judged: Judged, limit: int = 240) -> str:
    """The beginning of an item's summary, at most `limit` characters, cut at a sentence or a word. May be "".

    A summary that opens with the headline starts after it; one that is only the headline gives nothing. One
    that its publisher cut off in a sentence ("… the minister also…") ends with the sentence before.
    """
    text = _without_headline(judged.item.summary.strip(), judged.item.title)
    if len(text) <= limit and not text.endswith(_CUT_OFF):
        return text
    cut = words(text[: limit + 40])
    ends = [
        len(_BETWEEN_SENTENCES.sub("", text[: cut.starts[at]]))
        for at in range(1, len(cut))
        if cut.sentences[at] != cut.sentences[at - 1]
    ]
    whole = max((end for end in ends if limit // 3 <= end <= limit and end < len(text)), default=0)
    return text[:whole].rstrip() if whole else shortened(text, limit)


def _without_headline(summary: str, title: str) -> str:
    opening = title.strip().rstrip(".!?。…")
    if not opening or fold(summary[: len(opening)]) != fold(opening):
        return summary
    rest = summary[len(opening) :]
    if rest and rest.lstrip(" ")[:1] not in _AFTER_HEADLINE:
        return summary
    return rest.lstrip(" " + _AFTER_HEADLINE)


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words where there are any, and then marked with "…"."""
    if len(text) <= limit:
        return text
    cut = text[: max(0, limit - 1)]
    if not text[len(cut)].isspace() and (space := cut.rfind(" ")) > len(cut) // 2:
        cut = cut[:space]
    return cut.rstrip(" ,;:-–—") + "…"
