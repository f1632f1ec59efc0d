"""Core: the frozen values that pass between the stages, in the order in which they arise.

schedule → fetch → parse → classify → store → group → digest → render → deliver

Every time is an aware UTC datetime; every duration is in seconds or a timedelta; every size is in bytes.
London time exists only in cron expressions, window labels and templates.
"""

from .editions import (
    Coverage,
    Delivery,
    Digest,
    DigestSpec,
    Edition,
    HealthStatus,
    Message,
    Notice,
    Published,
    Section,
    SourceHealth,
    Topic,
)
from .feeds import FeedState, Fetched, Format, Item, Kind, ParsedFeed, PollStatus, Side, Source
from .pages import ChangeNote, News, Page, PageFormat, PageOutcome, PageState, PageStatus, PageWanted
from .refusals import Problem, Refusal
from .stories import Judged, Story, Update
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
    "Assessed",
    "ChangeNote",
    "Coverage",
    "Delivery",
    "Digest",
    "DigestSpec",
    "Edition",
    "FeedState",
    "Fetched",
    "Field",
    "Format",
    "HealthStatus",
    "Item",
    "Judged",
    "Kind",
    "Label",
    "Match",
    "Message",
    "News",
    "Notice",
    "Page",
    "PageFormat",
    "PageOutcome",
    "PageState",
    "PageStatus",
    "PageWanted",
    "ParsedFeed",
    "PollStatus",
    "Problem",
    "Published",
    "Recorded",
    "Refusal",
    "RelevanceWeights",
    "Role",
    "RuleSpec",
    "Section",
    "Side",
    "Source",
    "SourceHealth",
    "SourceOutcome",
    "Story",
    "Topic",
    "Update",
    "Verdict",
]
