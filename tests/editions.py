"""Realistic editions, for golden files and for looking at: a day, a week, a quiet day, a day of faults."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from monitor.models import (
    Coverage,
    Digest,
    Earlier,
    Edition,
    Item,
    Judged,
    Kind,
    Match,
    NewTerm,
    Notice,
    Page,
    Section,
    SourceHealth,
    Story,
    Topic,
    TopicWeek,
    Update,
    Verdict,
    Week,
)

NOW = datetime(2026, 1, 29, 8, 30, tzinfo=UTC)
RULES = "4be1c07d"

DIPLOMACY = Topic("diplomacy", "Diplomacy")
TRADE = Topic("trade", "Trade and investment")
SECURITY = Topic("security", "Security and defence")
BORDERS = Topic("borders", "Borders and migration")
SCIENCE = Topic("science", "Science and universities")
RIGHTS = Topic("rights", "Hong Kong and human rights")
TOPICS = (DIPLOMACY, TRADE, SECURITY, BORDERS, SCIENCE, RIGHTS)

# outlet → (source id, kind, site)
OUTLETS: dict[str, tuple[str, Kind, str]] = {
    "GOV.UK": ("govuk-china", "official-uk", "https://www.gov.example"),
    "UK Parliament": ("commons", "parliament", "https://parliament.example"),
    "Ministry of Commerce": ("mofcom", "official-china", "https://commerce.example"),
    "New Dawn Agency": ("new-dawn", "state-media", "https://newdawn.example"),
    "The Morning Ledger": ("ledger", "uk-media", "https://ledger.example"),
    "Northern Courier": ("courier", "uk-media", "https://courier.example"),
    "World Wire": ("wire", "world-media", "https://wire.example"),
    "Freight & Customs Weekly": ("freight", "trade-press", "https://freight.example"),
    "Strand Institute": ("strand", "think-tank", "https://strand.example"),
    "Council for Asian Business": ("cab", "business", "https://cab.example"),
    "University of the Fens": ("fens", "university", "https://fens.example"),
    "明报论坛": ("forum", "other", "https://forum.example"),
}

Hit = tuple[str, str, str]
"""(topic id, or "both"; term; where: title, lead or text). Without its `*` the term stands in the text."""


def ago(hours: float = 0, *, days: int = 0) -> datetime:
    """A moment before the edition."""
    return NOW - timedelta(hours=hours, days=days)


def judged(
    id_: int,
    outlet: str,
    title: str,
    summary: str = "",
    *,
    published: datetime | None,
    hits: tuple[Hit, ...] = (),
    **item: Any,
) -> Judged:
    """A stored item with the matches that `hits` name."""
    source, kind, site = OUTLETS[outlet]
    update = item.pop("update", None)
    about = item.pop("page", None)
    reason = item.pop("reason", "")
    topics = tuple(dict.fromkeys(topic for topic, _, _ in hits if topic != "both"))
    values: dict[str, Any] = {"url": f"{site}/{published or NOW:%Y/%m}/{id_}", "text": ""} | item
    page = Item(f"k{id_}", source, f"g{id_}", title=title, summary=summary, published=published, **values)
    verdict = Verdict(
        bool(topics), 6.0, topics, tuple(_match(hit, page) for hit in hits), RULES, reason=reason
    )
    return Judged(id_, page, verdict, ago(1), outlet, kind, update=update, page=about)


def _match(hit: Hit, item: Item) -> Match:
    topic, term, field = hit
    where = {"title": "title", "lead": "summary", "text": "text"}[field]
    found = re.search(re.escape(term).replace(r"\*", r"\w*"), getattr(item, where))
    assert found, f"{term!r} is not in {item.title!r}"
    values: dict[str, Any] = {
        "role": "both" if topic == "both" else "topic",
        "term": term,
        "field": field,
        "text": found.group(),
        "start": found.start(),
        "topic": None if topic == "both" else topic,
        "points": {"title": 3.0, "lead": 2.0, "text": 1.0}[field],
        "where": where,
    }
    return Match(**values)


def story(id_: str, *reports: Judged, earlier: Earlier | None = None) -> Story:
    """Reports of one event; the first leads."""
    together = tuple("The same people and place within a day" for _ in reports[1:])
    return Story(id_, reports, together, earlier)


VISIT = story(
    "8f3a",
    judged(
        101,
        "GOV.UK",
        "Prime Minister meets President Xi in Beijing and agrees a new dialogue on trade and security",
        "The Prime Minister met Xi Jinping for eighty minutes at the start of a three-day visit, the first "
        "of its kind in eight years. Both sides will hold a yearly dialogue and share what they know about "
        "engines for small boats used in the Channel.",
        published=ago(2.3),
        hits=(
            ("diplomacy", "Xi Jinping", "lead"),
            ("diplomacy", "dialogue", "title"),
            ("security", "security", "title"),
            ("borders", "small boat*", "lead"),
            ("trade", "trade", "title"),
        ),
    ),
    judged(
        102,
        "The Morning Ledger",
        "Eighty minutes in the Great Hall: what the two leaders said",
        published=ago(3.1),
        hits=(("diplomacy", "leaders", "title"),),
    ),
    judged(
        103,
        "New Dawn Agency",
        "Xi calls for a long-term and steady partnership with Britain",
        published=ago(4),
        hits=(("diplomacy", "partnership", "title"),),
    ),
    judged(
        104,
        "明报论坛",
        "习近平在北京会见英国首相，双方同意建立年度对话机制",
        published=ago(4.5),
        lang="zh",
        hits=(("diplomacy", "英国首相", "title"),),
    ),
    judged(
        105,
        "World Wire",
        "UK and China to hold yearly talks",
        published=ago(5),
        hits=(("diplomacy", "talks", "title"),),
    ),
    judged(
        106,
        "Northern Courier",
        "UK and China to hold yearly talks",
        published=ago(5.2),
        hits=(("diplomacy", "talks", "title"),),
    ),
    judged(
        107,
        "Council for Asian Business",
        "Members welcome the new dialogue",
        published=ago(6),
        hits=(("diplomacy", "dialogue", "title"),),
    ),
)
TARIFFS = story(
    "51c0",
    judged(
        110,
        "Ministry of Commerce",
        "China to halve its tariff on Scotch whisky from 2 February",
        "The tariff falls from 10 to 5 per cent. The Ministry said that the step follows the meeting of the "
        "joint economic commission, and that both sides will look at medicines next.",
        published=ago(7),
        hits=(
            ("both", "joint economic commission", "lead"),
            ("trade", "tariff*", "title"),
            ("trade", "whisky", "title"),
        ),
    ),
    judged(
        111,
        "Freight & Customs Weekly",
        "Distillers toast a lower Chinese duty, but ask for proof of origin rules",
        published=ago(6.5),
        hits=(("trade", "duty", "title"),),
    ),
)
PORTS = story(
    "0b9e",
    judged(
        112,
        "Freight & Customs Weekly",
        "Felixstowe and Ningbo-Zhoushan begin a paperless customs trial for containers that carry batteries, "
        "solar panels and other goods under export licence",
        "Hauliers will see one reference number from factory gate to warehouse.",
        published=datetime(2026, 1, 29, tzinfo=UTC),
        hits=(("trade", "customs", "title"), ("trade", "export licence", "title")),
    ),
)
STEEL = story(
    "2d77",
    judged(
        113,
        "UK Parliament",
        "Written question: Chinese ownership of blast furnaces (HC 118204)",
        "To ask the Secretary of State what assessment he has made of the terms on which the furnaces at "
        "Scunthorpe may be sold.",
        published=ago(15),
        hits=(("trade", "blast furnaces", "title"), ("security", "ownership", "title")),
    ),
)
SPYING = story(
    "c7d2",
    judged(
        114,
        "The Morning Ledger",
        "Two charged under the National Security Act over visits to a Chinese consulate",
        "The men, aged 29 and 41, will appear before magistrates on Friday; the embassy called the charges "
        "“a malicious slander”.",
        published=ago(11),
        hits=(("security", "National Security Act", "title"), ("diplomacy", "consulate", "title")),
    ),
    judged(
        115,
        "World Wire",
        "British police charge two in China spying case",
        published=ago(12),
        hits=(("security", "spying", "title"),),
    ),
    earlier=Earlier("2026-01-27", date(2026, 1, 27), "Three held over visits to a Chinese consulate", 3),
)
CABLES = story(
    "90aa",
    judged(
        116,
        "Strand Institute",
        "Undersea cables: what the UK can learn from the Taiwan Strait",
        "",
        published=ago(9),
        hits=(("security", "Undersea cable*", "title"),),
    ),
)
CHINESE = story(
    "e41f",
    judged(
        117,
        "明报论坛",
        "英国与中国扩大高校联合研究计划，涵盖气候、天文、健康与农业食品四个领域",
        "两国科技部门表示，联合研究计划将于今年秋季启动，首批名额为一百二十个；涉及人工智能与半导体的项目不在其列。",
        published=ago(10),
        lang="zh",
        hits=(("science", "联合研究", "title"), ("science", "高校", "title")),
    ),
)
FELLOWS = story(
    "77b0",
    judged(
        118,
        "University of the Fens",
        "Twelve fellowships for plant scientists from the UK and China",
        "Applications are open until 31 March. Fellows spend six months in Cambridge and six in Wuhan.",
        published=None,
        hits=(("science", "fellowship*", "title"),),
        url="javascript:void(0)",
    ),
)
TRAVEL = story(
    "3c19",
    judged(
        119,
        "GOV.UK",
        "Foreign travel advice: China, including Hong Kong",
        "British nationals may enter China without a visa for up to 30 days from 17 February.",
        published=ago(days=40),
        hits=(("borders", "visa", "lead"), ("rights", "Hong Kong", "title")),
        update=Update(ago(3), "new title, and a new paragraph on visas", "Foreign travel advice: China"),
    ),
)
LICENCES = story(
    "6e02",
    judged(
        122,
        "GOV.UK",
        "Export controls: dual-use goods to China",
        "How to apply for a licence, and what the checks take into account.",
        published=datetime(2026, 1, 29, 7, 2, tzinfo=UTC),
        hits=(("trade", "licence", "lead"),),
        update=Update(
            ago(1.3),
            "updated",
            note="Added the new form for software and technology.",
            note_at=datetime(2026, 1, 29, 7, 2, tzinfo=UTC),
        ),
        page=Page(
            document_type="Guidance",
            organisations=("Department for Business and Trade", "Export Control Joint Unit", "HM Treasury"),
            first_published=datetime(2019, 5, 3, 9, 30, tzinfo=UTC),
        ),
    ),
)
WITHDRAWN = story(
    "41b7",
    judged(
        123,
        "GOV.UK",
        "Importing Chinese ceramics: the rules until 2025",
        "",
        published=ago(9),
        hits=(("trade", "Importing", "title"),),
        update=Update(ago(5), "updated"),
        page=Page("withdrawn", document_type="Guidance", first_published=datetime(2014, 1, 6, tzinfo=UTC)),
    ),
)
REISSUED = story(
    "f090",
    judged(
        124,
        "GOV.UK",
        "UK-China joint statement on climate",
        "",
        published=ago(4),
        hits=(("diplomacy", "joint statement", "title"),),
        update=Update(ago(2), "re-issued unchanged"),
        page=Page(
            document_type="Policy paper",
            organisations=("Department for Energy Security and Net Zero",),
            first_published=datetime(2025, 3, 17, tzinfo=UTC),
        ),
    ),
)
AUDIT = story(
    "ab02",
    judged(
        120,
        "Strand Institute",
        "One year on: has the China audit changed anything?",
        "Engagement on trade has deepened; safeguards at universities have not kept step.",
        published=datetime(2025, 11, 11, 9, 15, tzinfo=UTC),
        hits=(
            ("security", "safeguards", "lead"),
            ("science", "universities", "lead"),
            ("trade", "trade", "lead"),
        ),
    ),
)
UNDATED = story(
    "d5f8",
    judged(
        121,
        "Council for Asian Business",
        "First formal trade talks in seven years: a reading list",
        "Papers, minutes and members' notes.",
        published=None,
        hits=(("trade", "trade talks", "title"),),
    ),
)
BRIEF = tuple(
    story(f"b{n}", judged(130 + n, outlet, title, published=ago(8 + n), hits=((topic, word, "title"),)))
    for n, (outlet, topic, word, title) in enumerate(
        (
            (
                "Northern Courier",
                "trade",
                "investor",
                "Chinese investor looks again at the Teesside battery plant",
            ),
            ("World Wire", "trade", "car", "Chinese car makers take a tenth of UK sales in January"),
            (
                "Freight & Customs Weekly",
                "trade",
                "parcel",
                "Small parcel rule: the Treasury asks for views by Easter",
            ),
            ("UK Parliament", "rights", "Jimmy Lai", "Early day motion: Jimmy Lai"),
        )
    )
)

EDITION = Edition(
    "daily", "UK-China daily", ago(days=1), NOW, date(2026, 1, 29), slot="2026-01-29", name="2026-01-29"
)


def _sources(*special: SourceHealth) -> tuple[SourceHealth, ...]:
    by_id = {health.id: health for health in special}
    well = {
        source: SourceHealth(source, outlet, "ok", last_ok=ago(0.2), last_new=ago(3))
        for outlet, (source, _, _) in OUTLETS.items()
    }
    return tuple((well | by_id).values())


FAILING = SourceHealth(
    "mofcom",
    "Ministry of Commerce",
    "failing",
    since=datetime(2026, 1, 27, 14, 5, tzinfo=UTC),
    why="Since 27 Jan, 14:05 (9 polls): timed out after 30 s; last read 27 Jan, 13:35.",
    advice="Open its address in a browser to see whether it has moved.",
    last_ok=datetime(2026, 1, 27, 13, 35, tzinfo=UTC),
    usual=timedelta(hours=5),
    failures=9,
    error="timed out after 30 s",
)
ENDED = SourceHealth(
    "govuk-announcements",
    "GOV.UK announcements",
    "ended",
    since=datetime(2026, 1, 28, 16, 40, tzinfo=UTC),
    why="Noticed 28 Jan, 16:40: GOV.UK says that this feed has ended.",
    advice="Look for its successor and change its url, or switch it off.",
    last_ok=datetime(2026, 1, 28, 16, 10, tzinfo=UTC),
    failures=4,
    error="GOV.UK says that this feed has ended",
)
OVERRUN = SourceHealth(
    "wire",
    "World Wire",
    "overrun",
    since=datetime(2026, 1, 28, 22, 10, tzinfo=UTC),
    why="Between 22:10 and 23:10 on 28 Jan items may have been missed: all that it listed was new.",
    advice="Ask it more often (every: 30m), or take a narrower feed of its publisher.",
    last_ok=ago(0.1),
    last_new=ago(0.1),
    usual=timedelta(hours=1),
)
QUIET = SourceHealth(
    "fens",
    "University of the Fens",
    "quiet",
    since=ago(days=16),
    why="Nothing new since 13 Jan, 08:30, though it answers; usually something every working day.",
    advice="See whether its site has newer items: if it has, look for another feed of it.",
    last_ok=ago(0.1),
    last_new=ago(days=16),
    usual=timedelta(days=1),
)
NEVER = SourceHealth("strand", "Strand Institute", "never", why="Not asked yet.")
MOVED = SourceHealth(
    "cab",
    "Council for Asian Business",
    "ok",
    last_ok=ago(0.2),
    last_new=ago(30),
    remark="Has moved for good: change its url to https://council.example/news/feed.xml",
)
NO_MATCH = SourceHealth(
    "freight",
    "Freight & Customs Weekly",
    "ok",
    last_ok=ago(0.2),
    last_new=ago(3),
    remark="84 items in 60 days and never a match: check its side and kind, or switch it off.",
)
NOTICES = (
    Notice(
        "mofcom",
        "Ministry of Commerce",
        ago(17),
        "fault",
        "failing",
        "Ministry of Commerce has failed since 27 Jan, 14:05 (6 polls): timed out after 30 s.",
    ),
    Notice(
        "courier",
        "Northern Courier",
        ago(14),
        "fault",
        "failing",
        "Northern Courier has failed since 28 Jan, 12:05 (4 polls): the server answered 503; last read 28 "
        "Jan, 11:35.",
    ),
    Notice(
        "courier",
        "Northern Courier",
        ago(3),
        "recovered",
        "failing",
        "Northern Courier can be read again since 29 Jan, 05:30.",
    ),
)


def daily() -> Digest:
    """A full day: every block, every kind of story and of update, and sources of every status."""
    return Digest(
        edition=EDITION,
        topics=TOPICS,
        top=(VISIT, TARIFFS, SPYING),
        sections=(
            Section(TRADE, (PORTS, STEEL)),
            Section(SECURITY, (CABLES,)),
            Section(SCIENCE, (CHINESE, FELLOWS)),
        ),
        updated=(LICENCES, TRAVEL, WITHDRAWN, REISSUED),
        late=(AUDIT, UNDATED),
        brief=BRIEF,
        coverage=Coverage(
            _sources(FAILING, OVERRUN, QUIET, NEVER, MOVED, NO_MATCH, ENDED),
            1212,
            24,
            RULES,
            rules_changed=True,
            notices=NOTICES,
        ),
    )


def weekly() -> Digest:
    """A week: its numbers, what is new in it, three stories a topic, the rest as titles."""
    monday = datetime(2026, 2, 2, 7, 30, tzinfo=UTC)
    edition = Edition(
        "weekly",
        "UK-China weekly",
        monday - timedelta(days=7),
        monday,
        date(2026, 2, 2),
        slot="2026-02-02",
        name="2026-02-02",
    )
    return Digest(
        edition=edition,
        topics=TOPICS,
        top=(VISIT, TARIFFS),
        sections=(
            Section(TRADE, (PORTS, STEEL)),
            Section(SECURITY, (replace(SPYING, earlier=LAST_WEEK), CABLES)),
            Section(SCIENCE, (CHINESE, FELLOWS)),
        ),
        updated=(TRAVEL,),
        late=(AUDIT,),
        brief=(*BRIEF, LICENCES),
        coverage=Coverage(_sources(FAILING, QUIET), 4310, 28, RULES, rules_changed=False, notices=NOTICES),
        week=Week(
            topics=(
                TopicWeek(DIPLOMACY, 1, 7, 4),
                TopicWeek(TRADE, 6, 8, 11),
                TopicWeek(SECURITY, 3, 4, 2),
                TopicWeek(BORDERS, 0, 0, 0),
                TopicWeek(SCIENCE, 2, 2, 0),
                TopicWeek(RIGHTS, 1, 1, 3),
            ),
            new_terms=(
                NewTerm("Undersea cable*", "security", 3, CABLES.lead),
                NewTerm("joint economic commission", "both", 1, TARIFFS.lead),
            ),
            new_names=("Great Hall", "Teesside Works", "Ningbo-Zhoushan Port Group"),
            weeks_before=8,
        ),
    )


LAST_WEEK = Earlier("2026-01-26", date(2026, 1, 26), "Police hold three over a Chinese consulate", 2)


def empty() -> Digest:
    """A quiet Friday: two items came near."""
    closest = (
        judged(
            201,
            "World Wire",
            "Xi to attend a summit in Hanoi",
            published=ago(2),
            reason="China yes, the UK is not named",
        ),
        judged(
            202,
            "Northern Courier",
            "Steelworks bidder drops out",
            published=None,
            reason="score 2 of 3: China only in the text",
        ),
    )
    friday = replace(
        EDITION,
        start=NOW,
        end=NOW + timedelta(days=1),
        local_date=date(2026, 1, 30),
        slot="2026-01-30",
        name="2026-01-30",
    )
    coverage = Coverage(_sources(), 187, 0, RULES, rules_changed=False)
    return Digest(friday, TOPICS, (), (), (), (), (), coverage, closest, EDITION)


def fault() -> Digest:
    """A day on which no source could be read."""
    down = tuple(
        SourceHealth(
            source,
            outlet,
            "failing",
            since=ago(20),
            why="Since 28 Jan, 12:30 (9 polls): no route to host; last read 28 Jan, 12:00.",
            last_ok=ago(20.5),
            failures=9,
            error="no route to host",
        )
        for outlet, (source, _, _) in OUTLETS.items()
    )
    return replace(empty(), coverage=Coverage(down, 0, 0, RULES, rules_changed=False), closest=())
