"""Core: an edition as the few lines that go to a chat: headlines with their outlets, and where to read on.

Chats read marks of their own in what they are sent: mentions that ring everybody's telephone, links with
another text than their address, fat and hidden print. A headline must do none of that, in any of them, so the
signs that such marks are made of give way to others that look the same or nearly so.
"""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from ..models import Digest, Story
from .inert import clean
from .view import view
from .words import count

TITLE_CHARS = 250
BODY_CHARS = 1_000
HEADLINE_CHARS = 160

# @everyone, <!channel>, <@U123>, <#C123>, <https://…|another text>, ||hidden||, *fat*, ~struck~, `code`
_LOOKALIKES = str.maketrans({"@": "＠", "<": "‹", ">": "›", "|": "¦", "*": "∗", "~": "∼", "`": "ʼ"})
_LINK = re.compile(r"(?<=\])\(")
_SCHEME = re.compile(r":(?=//)")


def short_text(digest: Digest, *, timezone: ZoneInfo, archive_url: str | None = None) -> tuple[str, str]:
    """(title, body) of the short text: at most TITLE_CHARS and, with its link, BODY_CHARS characters.

    `timezone` and `archive_url` as for `render_digest`; without the latter there is no link. An address that
    is longer than all this is left whole.
    """
    seen = view(digest, timezone, archive_url)
    before = [_harmless(seen.alarm)] if seen.alarm else []
    if seen.empty:
        before = [_harmless(seen.empty.sentence), *before]
    after = [seen.url] if seen.url else []
    room = BODY_CHARS - sum(len(line) + 2 for line in (*before, *after))
    blocks = ["\n".join(_headlines(digest.stories, room)), *before, *after]
    return _cut(_harmless(seen.subject), TITLE_CHARS), "\n\n".join(block for block in blocks if block)


def _headlines(stories: tuple[Story, ...], room: int) -> list[str]:
    """A line for each story as far as `room` goes, and how many are left out."""
    lines = [_headline(story) for story in stories]
    shown = len(lines)
    while shown and len("\n".join(_with_rest(lines, shown))) > room:
        shown -= 1
    return _with_rest(lines, shown)


def _with_rest(lines: list[str], shown: int) -> list[str]:
    left = len(lines) - shown
    if not left:
        return lines
    more = f"and {left:,} more" if shown else count(left, "story", "stories")
    return [*lines[:shown], more]


def _headline(story: Story) -> str:
    told = "Update: " if story.earlier or story.update else ""
    title = _cut(_harmless(story.lead.item.title), HEADLINE_CHARS)
    return f"• {told}{title} – {_cut(_harmless(story.lead.outlet), 60)}"


def _harmless(text: str) -> str:
    """One line of plain text in which no chat finds a mark, a mention or an address."""
    plain = clean(text).translate(_LOOKALIKES)
    return _SCHEME.sub(": ", _LINK.sub(" (", plain))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
