"""Core: the frozen values that pass between the stages, in the order in which they arise.

schedule → fetch → parse → classify → store → group → digest → render → deliver

Every time is an aware UTC datetime; every duration is in seconds or a timedelta; every size is in bytes.
London time exists only in cron expressions, window labels and templates.
"""

from .archive import ARCHIVE_FOLDERS, Filed, Revised, Showing, StoryLine, Told
from .deliveries import MAIL, Addressed, Delivery, DeliveryStatus, Mail, MailSpec, Outcome
from .editions import (
    Coverage,
    Digest,
    DigestSpec,
    Edition,
    HealthStatus,
    Message,
    NewTerm,
    Notice,
    Published,
    Section,
    SourceHealth,
    Topic,
    TopicWeek,
    Week,
)
from .feeds import FeedState, Fetched, Format, Item, Kind, ParsedFeed, PollStatus, Side, Source
from .pages import ChangeNote, News, Page, PageFormat, PageOutcome, PageState, PageStatus, PageWanted
from .refusals import Problem, Refusal
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
    "Addressed",
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
    "Filed",
    "Format",
    "HealthStatus",
    "Item",
    "Judged",
    "Kind",
    "Label",
    "Mail",
    "MailSpec",
    "Match",
    "Message",
    "NewTerm",
    "News",
    "Notice",
    "Outcome",
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
    "Revised",
    "Role",
    "RuleSpec",
    "Section",
    "Showing",
    "Side",
    "Source",
    "SourceHealth",
    "SourceOutcome",
    "Story",
    "StoryLine",
    "Told",
    "Topic",
    "TopicWeek",
    "Update",
    "Verdict",
    "Week",
    "lead_first",
]
