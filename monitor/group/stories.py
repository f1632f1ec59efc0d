"""Core: judged items → stories, each with its lead and its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ..models import Judged, Kind, Story
from .background import SHIPPED, Background
from .cluster import Cluster, Edge, cluster_reports
from .points import WEIGHTS, Pair, Prepared, Report, Scale, Weights, written

LEAD_ORDER: tuple[Kind, ...] = (
    "official-uk",
    "official-china",
    "parliament",
    "uk-media",
    "world-media",
    "trade-press",
    "think-tank",
    "business",
    "university",
    "state-media",
    "other",
)
"""Whose report stands for a story: the one that made the news, then the nearest to the reader."""

_WORDS_NAMED = 3
UNDATED = timedelta(days=7)
"""How far back an item without a date may be from: as a span it earns nothing for being of one day."""


def report_of(judged: Judged) -> Report:
    """What grouping looks at in a stored item. An undated one came in the days before it was seen."""
    item, latest = judged.item, judged.date or judged.first_seen
    earliest = judged.date or judged.first_seen - UNDATED
    return Report(judged.id, item.title, item.summary or item.text, judged.outlet, earliest, latest)


def group_items(
    judged: Sequence[Judged],
    earlier: Sequence[Story] = (),
    background: Background = SHIPPED,
    weights: Weights = WEIGHTS,
) -> tuple[Story, ...]:
    """Relevant items with distinct ids → stories in the order of their smallest item id.

    An item that continues a story of `earlier` is returned in a story of the same id, which holds the new
    items only. Deterministic, whatever the order of `judged`.
    """
    reports = [report_of(one) for one in judged]
    known = [[report_of(one) for one in story.items] for story in earlier]
    clusters, scale = cluster_reports(reports, known, background, weights)
    by_id = {one.id: one for one in judged}
    old_ids: list[str | None] = [story.id for story in earlier]
    new_ids: list[str | None] = [None] * (len(clusters) - len(old_ids))
    stories = [
        _story(story_id, cluster, by_id, scale)
        for story_id, cluster in zip(old_ids + new_ids, clusters, strict=True)
        if cluster.new
    ]
    return tuple(sorted(stories, key=lambda story: min(one.id for one in story.items)))


def _story(story_id: str | None, cluster: Cluster, by_id: Mapping[int, Judged], scale: Scale) -> Story:
    items = sorted((by_id[member.report.id] for member in cluster.new), key=_lead_first)
    prepared = {member.report.id: member for member in cluster.new}
    reasons = tuple(_reason(prepared[one.id], cluster, scale) for one in items[1:])
    return Story(story_id or f"s{min(prepared)}", tuple(items), reasons)


def _lead_first(judged: Judged) -> tuple[int, datetime, int]:
    return (LEAD_ORDER.index(judged.kind), judged.date or judged.first_seen, judged.id)


def _reason(member: Prepared, cluster: Cluster, scale: Scale) -> str:
    """Why a report is in its story, in one sentence."""
    edge = cluster.edges.get(member.report.id) or _edge_of_opener(member, cluster)
    if edge is None:
        return "a new version of a report that this story held before"
    shared = scale.common(member, edge.partner)[:_WORDS_NAMED]
    named = ", ".join(written(member.report, word) for word in shared)
    partner = edge.partner.report
    return (
        f"with {partner.title} ({partner.outlet}): {named} in common; {_distance(edge.pair)}; "
        f"{edge.pair.points:.1f} points, {scale.weights.threshold:g} needed"
    )


def _edge_of_opener(opener: Prepared, cluster: Cluster) -> Edge | None:
    """The strongest of the edges by which others joined the report that opened the story."""
    others = {member.report.id: member for member in cluster.members}
    joined = [
        Edge(others[report_id], edge.pair)
        for report_id, edge in cluster.edges.items()
        if edge.partner is opener
    ]
    return max(joined, key=lambda edge: edge.pair.points, default=None)


def _distance(pair: Pair) -> str:
    if pair.days is None:
        return "a date unknown"
    return {0: "same day", 1: "1 day apart"}.get(pair.days, f"{pair.days} days apart")
