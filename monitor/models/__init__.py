"""Core: the frozen values that pass between the stages, in the order in which they arise.

schedule → fetch → parse → classify → store → group → digest → render → deliver

Every time is an aware UTC datetime; every duration is in seconds or a timedelta; every size is in bytes.
London time exists only in cron expressions, window labels and templates.

A module of this package is imported when one of its values is first asked for: a command that asks for three
of them does not wait for all.
"""

from typing import TYPE_CHECKING

from ..lazily import lazily

if TYPE_CHECKING:
    from .archive import ARCHIVE_FOLDERS, Filed, Revised, Showing, StoryLine, Told
    from .deliveries import (
        MAIL,
        NOTHING_GOES_OUT,
        Addressed,
        Delivery,
        DeliveryStatus,
        Handover,
        Mail,
        MailSpec,
        Next,
        Outcome,
        Outgoing,
        Posted,
        Undelivered,
    )
    from .editions import (
        Coverage,
        Digest,
        DigestSpec,
        Edition,
        Message,
        NewTerm,
        Published,
        Section,
        Topic,
        TopicWeek,
        Trouble,
        Week,
    )
    from .feeds import FeedState, Fetched, Format, Item, Kind, Outline, ParsedFeed, PollStatus, Side, Source
    from .figures import Arrived, Figures, LastEdition, Mark, Posts, Running
    from .health import HealthStatus, Notice, SourceHealth
    from .hidden import address_mark, without_secrets
    from .pages import ChangeNote, News, Page, PageFormat, PageOutcome, PageState, PageStatus, PageWanted
    from .refusals import Problem, Refusal
    from .service import OwnWord, Status, Watched
    from .stories import Earlier, Judged, Story, Update, lead_first
    from .verdicts import (
        Assessed,
        Field,
        Label,
        Match,
        Recorded,
        RelevanceWeights,
        Role,
        RuleSpec,
        SourceOutcome,
        Verdict,
    )

__all__ = [
    "ARCHIVE_FOLDERS",
    "MAIL",
    "NOTHING_GOES_OUT",
    "Addressed",
    "Arrived",
    "Assessed",
    "ChangeNote",
    "Coverage",
    "Delivery",
    "DeliveryStatus",
    "Digest",
    "DigestSpec",
    "Earlier",
    "Edition",
    "FeedState",
    "Fetched",
    "Field",
    "Figures",
    "Filed",
    "Format",
    "Handover",
    "HealthStatus",
    "Item",
    "Judged",
    "Kind",
    "Label",
    "LastEdition",
    "Mail",
    "MailSpec",
    "Mark",
    "Match",
    "Message",
    "NewTerm",
    "News",
    "Next",
    "Notice",
    "Outcome",
    "Outgoing",
    "Outline",
    "OwnWord",
    "Page",
    "PageFormat",
    "PageOutcome",
    "PageState",
    "PageStatus",
    "PageWanted",
    "ParsedFeed",
    "PollStatus",
    "Posted",
    "Posts",
    "Problem",
    "Published",
    "Recorded",
    "Refusal",
    "RelevanceWeights",
    "Revised",
    "Role",
    "RuleSpec",
    "Running",
    "Section",
    "Showing",
    "Side",
    "Source",
    "SourceHealth",
    "SourceOutcome",
    "Status",
    "Story",
    "StoryLine",
    "Told",
    "Topic",
    "TopicWeek",
    "Trouble",
    "Undelivered",
    "Update",
    "Verdict",
    "Watched",
    "Week",
    "address_mark",
    "lead_first",
    "without_secrets",
]

_HOMES = {
    "archive": ("ARCHIVE_FOLDERS", "Filed", "Revised", "Showing", "StoryLine", "Told"),
    "deliveries": (
        "MAIL",
        "NOTHING_GOES_OUT",
        "Addressed",
        "Delivery",
        "DeliveryStatus",
        "Handover",
        "Mail",
        "MailSpec",
        "Next",
        "Outcome",
        "Outgoing",
        "Posted",
        "Undelivered",
    ),
    "editions": (
        "Coverage",
        "Digest",
        "DigestSpec",
        "Edition",
        "Message",
        "NewTerm",
        "Published",
        "Section",
        "Topic",
        "TopicWeek",
        "Trouble",
        "Week",
    ),
    "feeds": (
        "FeedState",
        "Fetched",
        "Format",
        "Item",
        "Kind",
        "Outline",
        "ParsedFeed",
        "PollStatus",
        "Side",
        "Source",
    ),
    "figures": ("Arrived", "Figures", "LastEdition", "Mark", "Posts", "Running"),
    "health": ("HealthStatus", "Notice", "SourceHealth"),
    "hidden": ("address_mark", "without_secrets"),
    "pages": (
        "ChangeNote",
        "News",
        "Page",
        "PageFormat",
        "PageOutcome",
        "PageState",
        "PageStatus",
        "PageWanted",
    ),
    "refusals": ("Problem", "Refusal"),
    "service": ("OwnWord", "Status", "Watched"),
    "stories": ("Earlier", "Judged", "Story", "Update", "lead_first"),
    "verdicts": (
        "Assessed",
        "Field",
        "Label",
        "Match",
        "Recorded",
        "RelevanceWeights",
        "Role",
        "RuleSpec",
        "SourceOutcome",
        "Verdict",
    ),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


if not TYPE_CHECKING:  # or the type checker would take any name for one of ours
    __getattr__ = lazily(__name__, _HOME)
