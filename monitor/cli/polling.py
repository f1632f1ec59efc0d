"""Shell: `monitor poll`, and what is told of a poll."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..jobs import collect as collecting
from ..jobs.collect import PollReport
from .context import Context, UsageError, each_of
from .output import plural, print_json, print_table, progress_bar

if TYPE_CHECKING:
    from ..store import PollStore


def poll(context: Context) -> int:
    """`monitor poll`: exit 1 where every source that was asked failed."""
    config = context.polled
    chosen = each_of(context.args.source, (source.id for source in config.sources), "source")
    for source in config.sources:
        if source.id in chosen and not source.enabled:
            raise UsageError(f"{source.id} is switched off in {config.file.name} (enabled: false)")
    reports = collect(context, context.poll_store, chosen=chosen, all_sources=context.args.all)
    if context.args.json:
        print_json(poll_json(reports))
    else:
        print_poll(reports)
        print("Next: monitor digest")
    context.leave_config()
    return all_failed(reports)


def collect(
    context: Context, store: PollStore, *, chosen: Sequence[str] = (), all_sources: bool = False
) -> tuple[PollReport, ...]:
    """Polls what is due, with a progress bar on a terminal."""
    network = context.network()
    config = context.polled
    enabled = [source for source in config.sources if source.enabled]
    with progress_bar(len(chosen) or len(enabled), "Polling") as done:
        return collecting.collect(
            config,
            store,
            network,
            context.now,
            chosen=chosen,
            all_sources=all_sources,
            progress=lambda report: done(report.source.id),
        )


def all_failed(reports: Sequence[PollReport]) -> int:
    """1 where sources were asked, and each of them in vain."""
    asked = [report for report in reports if report.status != "skipped"]
    return int(bool(asked) and all(report.status == "failed" for report in asked))


def poll_json(reports: Sequence[PollReport]) -> dict[str, Any]:
    """The object of `poll --json`."""
    return {
        "sources": [
            {
                "id": report.source.id,
                "status": report.status,
                "http_status": report.http_status,
                "items": report.items,
                "new": report.recorded.new,
                "updated": report.recorded.updated,
                "relevant": report.recorded.relevant,
                "error": _complaint(report) or None,
                "seconds": report.seconds,
            }
            for report in reports
        ],
        "new": sum(report.recorded.new for report in reports),
        "updated": sum(report.recorded.updated for report in reports),
        "relevant": sum(report.recorded.relevant for report in reports),
        "failed": sum(report.status == "failed" for report in reports),
    }


def _complaint(report: PollReport) -> str:
    """Why a source failed, or what of a source that was read had to be left out."""
    return (report.error or "") if report.status == "failed" else "; ".join(report.skipped)


def print_poll(reports: Sequence[PollReport]) -> None:
    """The table of what came, and its sum."""
    asked = [report for report in reports if report.status != "skipped"]
    rows = [
        [
            report.source.id,
            report.status,
            str(report.items),
            str(report.recorded.new),
            str(report.recorded.updated),
            str(report.recorded.relevant),
            f"{report.seconds:.1f}",
            _complaint(report),
        ]
        for report in asked
    ]
    if rows:
        print_table(["SOURCE", "STATUS", "ITEMS#", "NEW#", "UPDATED#", "RELEVANT#", "SECONDS#", "WHY"], rows)
        print()
    print(_poll_summary(reports, asked))


def _poll_summary(reports: Sequence[PollReport], asked: Sequence[PollReport]) -> str:
    if not asked:
        count = plural(len(reports), "source")
        return f"Nothing is due: {count} asked recently. `monitor poll --all` asks all the same."
    totals = poll_json(asked)
    read = len(asked) - totals["failed"]
    return (
        f"{read} of {plural(len(asked), 'source')} read: {plural(totals['new'], 'new item')}, "
        f"{totals['updated']:,} updated, {totals['relevant']:,} relevant."
    )
