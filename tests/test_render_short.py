"""The short text for chats."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.models import Digest, Story
from monitor.render import render_digest
from monitor.render.environment import environment
from monitor.render.short import BODY_CHARS, TITLE_CHARS, short_text
from monitor.resources import templates
from tests import editions

LONDON = ZoneInfo("Europe/London")
ENV = environment([templates()])
SITE = "https://monitor.example.org"


def short(digest: Digest, site: str | None = SITE) -> tuple[str, str]:
    return short_text(digest, timezone=LONDON, archive_url=site)


def with_title(title: str, outlet: str = "Gazette") -> Digest:
    """An edition of one story with this headline."""
    return with_stories(titled(editions.daily().stories[0], title, outlet))


def with_stories(*stories: Story) -> Digest:
    return replace(editions.daily(), top=stories, sections=(), updated=(), late=(), brief=())


def titled(story: Story, title: str, outlet: str) -> Story:
    lead = replace(story.lead, item=replace(story.lead.item, title=title), outlet=outlet)
    return replace(story, items=(lead,), why_together=(), earlier=None)


def headline(title: str, outlet: str = "Gazette") -> str:
    """The line that a chat gets for a headline."""
    return short(with_title(title, outlet))[1].split("\n")[0]


def test_it_has_the_subject_the_first_headlines_with_their_outlets_and_the_link() -> None:
    digest = editions.daily()

    title, body = short(digest)
    lines = body.split("\n\n")[0].split("\n")

    assert title == render_digest(digest, ENV, timezone=LONDON).subject
    assert lines[0] == f"• {digest.stories[0].lead.item.title} – {digest.stories[0].lead.outlet}"
    assert len(lines) > 3
    assert body.endswith(f"\n\n{SITE}/{digest.edition.digest}/{digest.edition.name}/")


def test_what_has_no_room_is_counted() -> None:
    stories = [titled(editions.daily().stories[0], f"{at}: {'long ' * 20}", "Gazette") for at in range(40)]

    body = short(with_stories(*stories))[1]
    lines = body.split("\n\n")[0].split("\n")

    assert len(body) <= BODY_CHARS
    assert lines[-1] == f"and {40 - (len(lines) - 1)} more"
    assert len(lines) > 5


def test_without_a_place_on_the_web_there_is_no_link() -> None:
    assert "://" not in short(editions.daily(), None)[1]


def test_an_update_is_called_one() -> None:
    story = editions.daily().updated[0]

    assert short(with_stories(story))[1].startswith("• Update: ")


def test_an_edition_without_stories_says_so() -> None:
    body = short(editions.empty())[1]

    assert body.split("\n\n")[0] == ("12 of 12 sources read, 187 items looked at, none matched your topics.")
    assert body.endswith(f"/{editions.empty().edition.name}/")


def test_sources_that_failed_are_told() -> None:
    assert "failed" in short(editions.fault())[1]


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("@everyone read this", "＠everyone read this"),
        ("@here and @channel", "＠here and ＠channel"),
        ("<!channel> now", "‹!channel› now"),
        ("<@U024BE7LH> <#C024BE7LR>", "‹＠U024BE7LH› ‹#C024BE7LR›"),
        ("<https://evil.example|gov.uk>", "‹https: //evil.example¦gov.uk›"),
        ("[gov.uk](https://evil.example)", "[gov.uk] (https: //evil.example)"),
        ("*fat* ~struck~ `code` ||hidden||", "∗fat∗ ∼struck∼ ʼcodeʼ ¦¦hidden¦¦"),
        ("<b>fat</b>", "‹b›fat‹/b›"),
        ("two\nlines\r\nand\ta tab", "two lines and a tab"),
        ("\x1b[31mred\x07 \u202etxet\u202c \x00end", "[31mred txet end"),
        ("中国 & Britain: “steel” 5% #1", "中国 & Britain: “steel” 5% #1"),
    ],
)
def test_a_headline_has_no_mark_that_a_chat_would_act_on(title: str, shown: str) -> None:
    assert headline(title) == f"• {shown} – Gazette"
    assert headline("Steel", title) == f"• Steel – {shown}"


@given(st.text(max_size=2_000), st.text(max_size=300))
def test_any_text_is_a_few_harmless_lines(title: str, outlet: str) -> None:
    subject, body = short(with_title(title, outlet))
    rest, _, link = body.rpartition("\n\n")

    assert len(subject) <= TITLE_CHARS
    assert len(body) <= BODY_CHARS
    assert link.startswith(SITE)
    assert not set("@<>|*~`") & {*subject, *rest}
    assert "://" not in rest + subject
    assert "](" not in rest + subject
    assert not [char for char in rest if unicodedata.category(char) == "Cc" and char != "\n"]
    body.encode("utf-8")
