"""Border: the shape of config.yaml, section by section: keys, types, defaults and what each is for.

The one description of the file: values are checked against it, and the JSON Schema is made from it.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from .. import parliament
from ..models import Kind, RelevanceWeights, Side
from .fields import (
    Address,
    Agent,
    Channel,
    Command,
    Finder,
    Flag,
    Headers,
    Id,
    Interval,
    Listen,
    Mirrors,
    Name,
    Number,
    OptionalAddress,
    OptionalText,
    OptionalWebAddress,
    Port,
    Private,
    Retention,
    Schedule,
    Size,
    Slug,
    SmtpHost,
    Text,
    Timeout,
    Topics,
    WebAddress,
    Whole,
    Zone,
)
from .files import DATABASE

_WEIGHTS = RelevanceWeights()
FORMS = ("url", "govuk", "parliament")
"""The keys of which a source has exactly one."""


class Section(BaseModel):
    """A part of the file: no unknown keys, nothing converted on the quiet."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, validate_default=True, allow_inf_nan=False
    )


def _written(default: str, description: str) -> Any:
    """A key whose default is given as a user would write it and then read like any other value."""
    return Field(default, description=description)


def _part(section: type[Section], description: str) -> Any:
    """A key that holds a section; left out, all of it has its defaults."""
    return Field(default_factory=section, description=description)


def _weight(name: str, description: str, **limits: Any) -> Any:
    """A field of `relevance` with the default of models.RelevanceWeights."""
    return Field(getattr(_WEIGHTS, name), description=description, **{"ge": 0, "le": 1_000, **limits})


class PollingSection(Section):
    """How sources are asked."""

    every: Interval = _written("30m", "How often each source is asked, unless it says otherwise.")
    concurrency: Whole = Field(16, ge=1, le=64, description="How many sources are asked at the same time.")
    per_host: Whole = Field(4, ge=1, le=64, description="How many requests go to one host at the same time.")
    timeout: Timeout = _written("30s", "Time for one whole request, redirects and body included.")
    max_bytes: Size = _written("10MB", "The largest feed accepted, after decompression.")
    look_up: Flag = Field(
        True,
        description="Whether relevant pages of GOV.UK are looked up there: change notes, dates, the text.",
    )
    full_text_limit: Whole = Field(
        20, ge=0, le=500, description="How many articles of sources with full_text are fetched after a poll."
    )
    user_agent: Agent | None = Field(
        None,
        description="How requests introduce themselves; left out: name, version and public_url.",
        examples=["example-monitor/1.0 (+https://monitor.example.org)"],
    )


class NetworkSection(Section):
    """Which addresses may be reached."""

    allow_private: list[Private] = Field(
        default=[],
        description="Hosts, with or without port, and networks that may be asked though they are not public.",
        examples=[["10.0.0.5/32", "127.0.0.1:8123"]],
    )
    proxy: OptionalWebAddress = Field(None, description="An HTTP proxy for all requests.")
    mirrors: Mirrors = Field(
        default={},
        description="Hosts, each with a base address that is asked in its place: a mirror inside a closed "
        "network, or a test server. Addresses in the config and on pages stay those of the host.",
        examples=[{"www.gov.uk": "http://127.0.0.1:8123"}],
    )


def _form(description: str, **more: Any) -> Any:
    """A key of which a source has one out of several: not there is something else than null."""

    def without_null(schema: dict[str, Any]) -> None:
        del schema["default"]
        (shape,) = (kind for kind in schema.pop("anyOf") if kind != {"type": "null"})
        schema.update(shape)

    return Field(None, description=description, json_schema_extra=without_null, **more)


class GovukSection(Section):
    """What of GOV.UK a source follows: values of one kind are alternatives, different kinds narrow."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    finder: Finder | None = Field(
        None,
        description="One of GOV.UK's lists of all that is new of a sort. Left out: news-and-communications; "
        "or the feed of the organisation, topical event or travel advice, where nothing else is named.",
    )
    world_locations: list[Slug] = Field(
        default=[],
        description="Places that pages are tagged with.",
        examples=[["china", "hong-kong", "macao"]],
    )
    organisations: list[Slug] = Field(
        default=[], description="Who publishes.", examples=[["foreign-commonwealth-development-office"]]
    )
    keywords: Text | None = Field(
        None, description="One exact word or phrase, anywhere in a page.", examples=["China"]
    )
    people: list[Slug] = Field(
        default=[], description="Ministers and officials.", examples=[["keir-starmer"]]
    )
    topical_events: list[Slug] = Field(default=[], description="Events that GOV.UK has a page for.")
    travel_advice: Slug | None = Field(
        None, description="A country: its travel advice, and nothing else.", examples=["china"]
    )


class ParliamentSection(Section):
    """What of the UK Parliament's own interfaces a source follows."""

    list: parliament.List = Field(description="What is listed.", examples=["written-questions"])
    search: Text | None = Field(
        None,
        description="A word or phrase that entries must have; may be left out for committee-publications, "
        "where the rules then decide.",
        examples=["China"],
    )
    house: parliament.House | None = Field(None, description="One House; left out: both.")


class SourceSection(Section):
    """One feed, or one list of an interface: it has exactly one of url, govuk and parliament."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [form]} for form in FORMS]})

    id: Id = Field(description="A short name of its own, which never changes.", examples=["govuk-china-news"])
    name: Text | None = Field(None, description="What the source is called on pages; left out: its id.")
    outlet: Text | None = Field(
        None,
        description="The publisher as readers know it; left out: GOV.UK with govuk, UK Parliament with "
        "parliament, else the source's name.",
    )
    url: WebAddress | None = _form("The address of a feed: RSS, Atom or JSON Feed.")
    govuk: GovukSection | None = _form(
        "What of GOV.UK it follows; the address of the feed is made from it.",
        examples=[{"world_locations": ["china", "hong-kong"]}],
    )
    parliament: ParliamentSection | None = _form(
        "What of the UK Parliament's interfaces it follows.",
        examples=[{"list": "written-questions", "search": "China"}],
    )
    kind: Kind | None = Field(
        None,
        description="What sort of publisher it is; breaks ties between reports of one event. Left out: "
        "official-uk with govuk, parliament with parliament, else other.",
    )
    side: Side | None = Field(
        None,
        description="What the source alone implies. uk: all of it is about the UK, so only China is asked "
        "for; china: likewise; both: a page about the relation, a term of either side is enough; null: both "
        "sides are asked for. Left out: null with url; uk with govuk and parliament, but both where govuk "
        "names China, Hong Kong or Macao as world_locations or travel_advice.",
    )
    every: Interval | None = Field(
        None, description="How often it is asked; left out: polling.every.", examples=["15m"]
    )
    timeout: Timeout | None = Field(None, description="Time for one request; left out: polling.timeout.")
    max_bytes: Size | None = Field(
        None, description="The largest feed accepted; left out: polling.max_bytes."
    )
    headers: Headers = Field(default={}, description="Headers to send with each request.")
    strip: list[Text] = Field(
        default=[],
        description="Boilerplate to cut from titles and summaries.",
        examples=[["Sign up to our newsletter"]],
    )
    full_text: Flag = Field(
        False,
        description="Whether the articles behind a feed of teasers are fetched, for items that name at least "
        "one side: they are searched, never shown.",
    )
    enabled: Flag = Field(True, description="false: keep the source in the file but do not ask it.")
    lang: Text | None = Field(
        None, description="The language, where the feed does not say it.", examples=["en", "zh"]
    )
    note: str = Field("", description="A note for people; the program does nothing with it.")


class SidesSection(Section):
    """The two sides of the relation."""

    uk: list[str] = Field(default=[], description="Terms that stand for the United Kingdom.")
    china: list[str] = Field(default=[], description="Terms that stand for China.")


class RelevanceSection(Section):
    """The few numbers of the relevance score: docs/tuning.md explains them, `explain` shows them at work."""

    title: Number = _weight("title", "What a side's term counts in the title.")
    lead: Number = _weight("lead", "What it counts in the first sentence of the summary.")
    text: Number = _weight("text", "What it counts anywhere later.")
    source_side: Number = _weight("source_side", "What the source's own side counts, where `side` is given.")
    threshold: Number = _weight("threshold", "The score from which an item is relevant.")
    elsewhere_title: Number = _weight(
        "elsewhere_title", "Taken away for a third country in the title beside the UK."
    )
    elsewhere_title_alone: Number = _weight(
        "elsewhere_title_alone", "Taken away for a third country in the title without the UK."
    )
    elsewhere_text: Number = _weight(
        "elsewhere_text", "Taken away for each third country in the first sentence, once for all after it."
    )
    elsewhere_text_max: Number = _weight(
        "elsewhere_text_max", "The most that third countries below the title take away."
    )
    topic_min: Number = _weight("topic_min", "The least score for a topic to be kept.")
    topic_share: Number = _weight(
        "topic_share", "A topic is kept from this share of the best topic's score.", le=1
    )
    topics_max: Whole = _weight("topics_max", "The most topics one item has.", ge=1, le=100)
    fallback_topic: Text | None = Field(
        None, description="The topic of a relevant item that matches none.", examples=["diplomacy"]
    )


class RulesSection(Section):
    """Which items are relevant. Terms are words or phrases of the rule language."""

    sides: SidesSection = _part(SidesSection, "Terms of both sides; an item needs one of each.")
    both: list[str] = Field(default=[], description="Terms that name the relation itself, such as UK-China.")
    ignore: list[str] = Field(
        default=[], description="Words inside these never count: bone china, New South Wales."
    )
    elsewhere: list[str] = Field(
        default=[], description="Third countries: evidence that a side is mentioned in passing only."
    )
    exclude: list[str] = Field(default=[], description="An item with one of these is out.")
    relevance: RelevanceSection = _part(RelevanceSection, "Weights and the threshold.")


class TopicSection(Section):
    """One section of the digest."""

    title: Text | None = Field(None, description="The heading; left out: made from the name.")
    terms: list[str] = Field(default=[], description="Terms that put a relevant item under this topic.")


class DigestSection(Section):
    """One digest: what it holds and when it comes."""

    title: Text | None = Field(None, description="Subject and heading; left out: made from the name.")
    schedule: Schedule = Field(
        description="Minute, hour, day, month, weekday in the time zone of the file; or: immediately.",
        examples=["30 8 * * mon-fri", "immediately"],
    )
    topics: Topics = _written("all", "The topics it holds: all, or a list of them.")
    when_empty: Literal["notice", "skip"] = Field(
        "notice", description="What comes when nothing is new: a notice that says so, or nothing."
    )
    to: list[Address] = Field(default=[], description="Who gets it.", examples=[["analyst@example.org"]])
    channels: list[Channel] = Field(
        default=[],
        description="Chats and the like that get a short text with a link: URLs as the services give them, "
        "or as Apprise writes them. They are secrets: keep them out of the file.",
        examples=[["${SLACK_URL}"]],
    )
    min_score: Number = Field(0, ge=0, le=1_000, description="Only items with at least this score.")
    at_most_every: Interval = _written(
        "15m",
        "With schedule immediately: the least time between two editions; what comes meanwhile waits.",
    )


class MailSection(Section):
    """How mail leaves."""

    sender: Address = Field(
        alias="from", description="The sender.", examples=["UK-China Monitor <monitor@example.org>"]
    )
    reply_to: OptionalAddress = Field(None, description="Where answers go; left out: to the sender.")
    host: SmtpHost = Field("localhost", description="The mail server.")
    port: Port | None = Field(
        None, description="Its port; left out: 587 for starttls, 465 for implicit, 25 for none."
    )
    security: Literal["starttls", "implicit", "none"] = Field(
        "starttls", description="How the connection is encrypted; none is allowed on this machine only."
    )
    username: str = Field("", description="The user, where the server asks for one.")
    password: str = Field(
        "", description="Its password: keep it out of the file.", examples=["${MONITOR_SMTP_PASSWORD:-}"]
    )
    auth_command: Command = Field(
        default=[],
        description="In place of a password: a program and its arguments that print an access token "
        "(XOAUTH2). A path counts from the folder of this file.",
        examples=[["oauth2-token", "monitor@example.org"]],
    )
    ca_file: OptionalText = Field(
        None,
        description="A file of certificates (PEM) to trust besides the system's, counted from the folder of "
        "this file.",
        examples=["mail-ca.pem"],
    )


class WebSection(Section):
    """The pages that `monitor run` serves."""

    listen: Listen = Field("127.0.0.1:8080", description="Address and port; null: no pages are served.")
    index: Flag = Field(
        False, description="Whether search engines may list the archive's pages, where there is a public_url."
    )


class RetentionSection(Section):
    """How long items are kept."""

    unmatched: Retention = _written("90d", "Items that are not relevant, counted from when first seen.")
    matched: Retention = _written("forever", "Relevant items that no edition has shown.")


def _only_daily() -> dict[str, DigestSection]:
    return {
        "daily": DigestSection.model_validate({"title": "UK-China daily", "schedule": "30 8 * * mon-fri"})
    }


class ConfigFile(Section):
    """Sources, rules, topics and digests of the UK-China monitor."""

    timezone: Zone = _written("Europe/London", "The time zone of schedules and of dates in digests.")
    database: Text = Field(DATABASE, description="The SQLite file, counted from the folder of this file.")
    output: Text = Field(
        "data/site", description="The folder for digests, counted from the folder of this file."
    )
    public_url: OptionalWebAddress = Field(
        None, description="Where `output` can be read on the web, for links in mails."
    )
    ping_url: OptionalWebAddress = Field(
        None,
        description="A dead-man's switch, as of healthchecks.io: told when a run starts (/start), succeeds "
        "and fails (/fail), so that somebody hears of it when none comes.",
        examples=["${MONITOR_PING_URL:-}"],
    )
    polling: PollingSection = _part(PollingSection, "How sources are asked.")
    network: NetworkSection = _part(NetworkSection, "Which addresses may be reached.")
    sources: list[SourceSection] = Field(default=[], description="The feeds.")
    rules: RulesSection = _part(RulesSection, "Which items are relevant.")
    topics: dict[Name, TopicSection] = Field(
        default={}, description="The sections of the digest, in their order."
    )
    digests: dict[Name, DigestSection] = Field(
        default_factory=_only_daily,
        description="The digests; the first is the one that `monitor digest` makes. Left out: one, daily.",
    )
    mail: MailSection | None = Field(None, description="How mail leaves; left out: none does.")
    web: WebSection = _part(WebSection, "The pages that `monitor run` serves.")
    retention: RetentionSection = _part(RetentionSection, "How long items are kept.")
