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
    Message,
    Published,
    Section,
    SourceStatus,
    Topic,
)
from .feeds import FeedState, Fetched, Item, Kind, ParsedFeed, PollStatus, Side, Source
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
    "Coverage",
    "Delivery",
    "Digest",
    "DigestSpec",
    "Edition",
    "FeedState",
    "Fetched",
    "Field",
    "Item",
    "Judged",
    "Kind",
    "Label",
    "Match",
    "Message",
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
    "SourceOutcome",
    "SourceStatus",
    "Story",
    "Topic",
    "Update",
    "Verdict",
]
