"""Shell: how `diff` and `reclassify` print what a replay found, for people and as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from .. import tune
from ..config import Config
from .output import one_line, plural, shortened

if TYPE_CHECKING:
    from ..jobs.reclassify import Reclassified

TERMS_SHOWN = 30
TERM_SHOWN = 60
TITLE_SHOWN = 100
BECAUSE_SHOWN = 3
PRECEDENCE: tuple[tune.Kept, ...] = ("lost", "let_in", "misfiled", "left", "entered", "refiled")
"""Which sample to look at first."""
SIGNS = {"added": "+", "dropped": "-", "changed": "~", "entered": "+", "left": "-", "refiled": "~"}


def print_diff(
    result: tune.Replay, name: str, start: datetime | None, config: Config, seconds: float
) -> None:
    """All that `diff` says of the rules called `name`, after `seconds` of work."""
    window = f"first seen since {day(start, config)}" if start else "stored"
    print(f"{name} tried on {plural(result.replayed, 'item')} {window}:")
    _print_changes(result, config)
    print()
    _print_samples(result, config)
    print(f"{plural(result.replayed, 'item')} replayed in {_seconds(seconds)}: {_sum(result)}")
    print(_labels(result.labels))
    if result.other_versions:
        print(
            f"Stored verdicts of older rules: {result.other_versions:,}. "
            f"They were not used: every item was judged as {config.file.name} would today."
        )
    print()
    print(f"{'Safe' if result.safe else 'NOT called safe'}:")
    for reason in result.why:
        print(f"  {reason}")
    print(_next(result))


def print_reclassified(done: Reclassified, config: Config, *, dry_run: bool) -> None:
    """All that `reclassify` says."""
    result, version = done.replay, config.rulebook.version
    if not result.other_versions:
        print(f"Nothing to do: today's rules ({version}) have judged {_all(result.replayed)}.")
        return
    print(f"{plural(result.other_versions, 'item')} of {result.replayed:,} had verdicts of other rules.")
    print()
    _print_samples(result, config)
    print(f"Under today's rules ({version}): {_sum(result)}")
    print(_labels(result.labels))
    if dry_run:
        first = _first(result)
        print("Nothing was written (--dry-run).")
        print(
            f"Next: monitor explain {first}, then monitor reclassify" if first else "Next: monitor reclassify"
        )
        return
    print(f"{plural(done.written, 'verdict')} written. Editions that are out do not change.")
    if done.written < result.other_versions:
        meanwhile = plural(result.other_versions - done.written, "item")
        print(f"{meanwhile} changed meanwhile and kept the verdict that a poll gave.")
    for one in done.waiting:
        print(
            f"{one.digest.title}: {plural(one.after, 'item')} that no edition has shown "
            f"will come in the next one ({one.before:,} before)."
        )
    print("Next: monitor digest --preview")


def day(at: datetime, config: Config) -> str:
    """A time as a day in the config's time zone."""
    return at.astimezone(config.timezone).strftime("%-d %b %Y")


def _print_changes(result: tune.Replay, config: Config) -> None:
    shown = sorted(result.terms, key=lambda t: (-(t.entered + t.left + t.refiled), -t.items))[:TERMS_SHOWN]
    lines = [(effect.change.where, _written(effect.change), _found(effect), effect) for effect in shown]
    where_width = max((cell_len(where) for where, *_ in lines), default=0)
    term_width = max((cell_len(term) for _, term, *_ in lines), default=0)
    found_width = max((cell_len(found) for *_, found, _ in lines), default=0)
    for where, term, found, effect in lines:
        sign = SIGNS[effect.change.kind]
        columns = f"{_pad(where, where_width)}  {_pad(term, term_width)}   {_pad(found, found_width)}"
        print(f"  {sign} {columns}   {_effect(effect)}".rstrip())
    if len(result.terms) > len(shown):
        print(f"    and {plural(len(result.terms) - len(shown), 'more term')} (--json lists all)")
    for weight in result.weights:
        print(f"  ~ relevance  {weight.name} {_value(weight.before)} → {_value(weight.after)}")
    known = {source.id for source in config.sources}
    for side in (side for side in result.sides if side.source_id in known):
        print(f"  ~ source {side.source_id}  side {side.before or 'none'} → {side.after or 'none'}")
    if new := sum(side.source_id not in known for side in result.sides):
        stand = "stands for a side" if new == 1 else "stand for a side"
        print(f"  + {plural(new, 'source')} of the draft that {config.file.name} does not have {stand}")
    if result.reordered:
        print("  ~ topics in another order, which decides between equals")


def _written(change: tune.TermChange) -> str:
    term = f'"{shortened(change.term, TERM_SHOWN)}"'
    return f'"{shortened(change.old, TERM_SHOWN)}" → {term}' if change.kind == "changed" else term


def _found(effect: tune.TermEffect) -> str:
    if not effect.items:
        return "found in no item"
    return f"{plural(effect.hits, 'hit')} in {plural(effect.items, 'item')}"


def _effect(effect: tune.TermEffect) -> str:
    if not effect.items:
        return ""
    counts = (
        (effect.entered, "enters" if effect.entered == 1 else "enter"),
        (effect.left, "leaves" if effect.left == 1 else "leave"),
        (effect.refiled, "re-filed"),
    )
    return ", ".join(f"{count:,} {verb}" for count, verb in counts if count) or "no item moves"


def _print_samples(result: tune.Replay, config: Config) -> None:
    samples, labels = result.samples, result.labels
    printed: set[int] = set()
    for heading, count, kind in (
        ("labelled relevant and lost", labels.lost, samples["lost"]),
        ("labelled irrelevant and let in", labels.let_in, samples["let_in"]),
        ("filed away from a topic of the label", labels.topics_lost, samples["misfiled"]),
        ("enters" if result.entered == 1 else "enter", result.entered, samples["entered"]),
        ("leaves" if result.left == 1 else "leave", result.left, samples["left"]),
        ("re-filed", result.refiled, samples["refiled"]),
    ):
        fresh = [sample for sample in kind if sample.id not in printed]
        printed |= {sample.id for sample in fresh}
        if not fresh:
            continue
        newest = f" (the newest {len(fresh)})" if len(kind) < count else ""
        print(f"{plural(count, 'item')} {heading}{newest}:")
        for sample in fresh:
            _print_sample(sample, config)
        print()


def _print_sample(sample: tune.Sample, config: Config) -> None:
    label = {True: "   [labelled relevant]", False: "   [labelled irrelevant]", None: ""}[sample.label]
    when = day(sample.date, config) if sample.date else "no date"
    title = shortened(one_line(sample.title), TITLE_SHOWN)
    print(f"  {SIGNS[sample.moved]} {sample.id}  {sample.outlet}, {when}: {title}{label}")
    topics = f"{', '.join(sample.topics_after) or 'no topic'}: " if sample.moved == "entered" else ""
    print(f"      {topics}{one_line(sample.reason)}")
    for because in sample.because[:BECAUSE_SHOWN]:
        print(f"      {_because(because)}")
    if len(sample.because) > BECAUSE_SHOWN:
        print(f"      and {plural(len(sample.because) - BECAUSE_SHOWN, 'more term')}")


def _because(because: tune.Because) -> str:
    change = because.change
    return f"{SIGNS[change.kind]} {change.where} {_written(change)}: {one_line(because.context)}"


def _sum(result: tune.Replay) -> str:
    refiled = f"{result.refiled:,} re-filed"
    return f"+{result.entered:,} −{result.left:,}, {refiled}, {result.unchanged:,} unchanged."


def _labels(labels: tune.LabelCounts) -> str:
    if not labels.labelled:
        return "Labels: none of these items has one; `monitor label ID relevant` or `irrelevant` keeps yours."
    gained = f"{labels.gained:,} labelled relevant {_verb(labels.gained, 'comes', 'come')} in"
    out = f"{labels.rightly_out:,} labelled irrelevant {_verb(labels.rightly_out, 'goes', 'go')} out"
    found = f"{labels.topics_gained:,} {_verb(labels.topics_gained, 'gains', 'gain')} a topic of the label"
    lost = f"{labels.topics_lost:,} {_verb(labels.topics_lost, 'loses', 'lose')} one"
    sentences = (
        f"{_how_many(labels.lost)} labelled relevant {_verb(labels.lost or 1, 'is', 'are')} lost",
        gained if labels.gained else "",
        f"{_how_many(labels.let_in)} labelled irrelevant {_verb(labels.let_in or 1, 'comes', 'come')} in",
        out if labels.rightly_out else "",
        f"{found}, {lost}" if labels.topics_gained or labels.topics_lost else "",
    )
    return f"Labels ({labels.labelled:,} of these items): {'. '.join(filter(None, sentences))}."


def _how_many(count: int) -> str:
    return plural(count, "item") if count else "No item"


def _verb(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def _all(count: int) -> str:
    return "the one item" if count == 1 else f"all {count:,} items"


def _next(result: tune.Replay) -> str:
    edit = "make the edit in config.yaml, then monitor check"
    first = _first(result)
    return f"Next: monitor explain {first}; where all is right, {edit}" if first else f"Next: {edit}"


def _first(result: tune.Replay) -> int | None:
    """The sample to look at first."""
    return next((samples[0].id for kind in PRECEDENCE if (samples := result.samples[kind])), None)


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"


def _value(value: float | str | None) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float | int) else value


def _pad(text: str, width: int) -> str:
    """`text` with spaces up to `width` columns; a Chinese character has two."""
    return text + " " * (width - cell_len(text))


# As JSON


def counts_json(result: tune.Replay) -> dict[str, Any]:
    """How many items there are and what becomes of them."""
    names = ("replayed", "entered", "left", "refiled", "unchanged", "other_versions")
    return {name: getattr(result, name) for name in names}


def changes_json(result: tune.Replay) -> dict[str, Any]:
    """What differs between the rules, each term with what it does."""
    return {
        "terms": [
            {
                "where": effect.change.where,
                "term": effect.change.term,
                "change": effect.change.kind,
                "old": effect.change.old or None,
                "items": effect.items,
                "hits": effect.hits,
                "entered": effect.entered,
                "left": effect.left,
                "refiled": effect.refiled,
            }
            for effect in result.terms
        ],
        "weights": [
            {"name": weight.name, "before": weight.before, "after": weight.after} for weight in result.weights
        ],
        "sides": [
            {"source": side.source_id, "before": side.before, "after": side.after} for side in result.sides
        ],
        "topics_reordered": result.reordered,
    }


def samples_json(result: tune.Replay) -> dict[str, Any]:
    """The samples of each kind, newest first."""
    return {kind: [_sample_json(sample) for sample in samples] for kind, samples in result.samples.items()}


def _sample_json(sample: tune.Sample) -> dict[str, Any]:
    return {
        "id": str(sample.id),
        "title": sample.title,
        "outlet": sample.outlet,
        "url": sample.url,
        "published": sample.date,
        "first_seen": sample.first_seen,
        "topics_before": list(sample.topics_before),
        "topics_after": list(sample.topics_after),
        "reason": sample.reason,
        "terms": [
            {
                "where": because.change.where,
                "term": because.change.term,
                "change": because.change.kind,
                "context": because.context,
            }
            for because in sample.because
        ],
        "label": None if sample.label is None else ("relevant" if sample.label else "irrelevant"),
    }


def labels_json(result: tune.Replay) -> dict[str, int]:
    """The labelled items among those replayed, and what becomes of them."""
    labels = result.labels
    return {name: getattr(labels, name) for name in labels.__dataclass_fields__}
