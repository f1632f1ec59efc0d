"""Core: judged items → stories, each with its lead and its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..models import Judged, Story, lead_first
from .cluster import Cluster, Edge, cluster_reports
from .memory import Memory, as_memory, report_of
from .points import Pair, Scale
from .reports import Prepared, written

_WORDS_NAMED = 3


def group_items(judged: Sequence[Judged], earlier: Sequence[Story] | Memory = ()) -> tuple[Story, ...]:
    """Relevant items with distinct ids → stories in the order of their smallest item id.

    An item that continues a story of `earlier` is returned in a story of the same id, which holds the new
    items only. Which items are together depends on neither their order nor their ids. Where several batches
    meet the same earlier stories, hand in a Memory, which is made ready once.
    """
    clusters, scale = cluster_reports([report_of(one) for one in judged], as_memory(earlier))
    by_id = {one.id: one for one in judged}
    stories = [_story(cluster, by_id, scale) for cluster in clusters]
    return tuple(sorted(stories, key=lambda story: min(one.id for one in story.items)))


def _story(cluster: Cluster, by_id: Mapping[int, Judged], scale: Scale) -> Story:
    items = sorted((by_id[member.report.id] for member in cluster.new), key=lead_first)
    prepared = {member.report.id: member for member in cluster.new}
    reasons = tuple(_reason(prepared[one.id], cluster, scale) for one in items[1:])
    joined = _reason(prepared[items[0].id], cluster, scale) if cluster.story_id else ""
    return Story(cluster.story_id or f"s{min(prepared)}", tuple(items), reasons, why_joined=joined)


def _reason(member: Prepared, cluster: Cluster, scale: Scale) -> str:
    """Why a report is in its story, in one sentence."""
    edge = cluster.edges.get(member.report.id)
    if edge is None and cluster.story_id:
        return "a new version of a report that this story held before"
    edge = edge or _edge_of_opener(member, cluster)
    shared = scale.common(member, edge.partner)[:_WORDS_NAMED]
    named = ", ".join(written(member.report, shared))
    partner = edge.partner.report
    return (
        f"with {partner.title} ({partner.outlet}): {named} in common; {_distance(edge.pair)}; "
        f"{edge.pair.points:.1f} points, {edge.pair.needed:.1f} needed"
    )


def _edge_of_opener(opener: Prepared, cluster: Cluster) -> Edge:
    """The strongest of the edges by which others joined the report that opened the story."""
    others = {member.report.id: member for member in cluster.members}
    joined = [
        Edge(others[report_id], edge.pair)
        for report_id, edge in cluster.edges.items()
        if edge.partner is opener
    ]
    return max(joined, key=lambda edge: edge.pair.points)


def _distance(pair: Pair) -> str:
    if pair.days is None:
        return "a date unknown"
    return {0: "same day", 1: "1 day apart"}.get(pair.days, f"{pair.days} days apart")
