"""Core: the numbers that the service is watched by → text for Prometheus.

The format is version 0.0.4 of https://prometheus.io/docs/instrumenting/exposition_formats/.
docs/monitoring.md has all names. Labels are ids of the config and words of ours: never an address, a title
or a keyword.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ..models import DeliveryStatus, FeedState, Figures, Running, Source, Status

SETTLED: tuple[DeliveryStatus, ...] = ("sent", "refused", "unknown", "expired")
"""What can become of a delivery."""

_Labels = Mapping[str, str]
_Sample = tuple[_Labels, float]
_NONE: _Labels = {}


@dataclass(frozen=True, slots=True)
class Counts:
    """What has come since the service began: such numbers only grow."""

    seen: Mapping[str, int] = field(default_factory=dict)
    """Items, by source."""
    matched: Mapping[str, int] = field(default_factory=dict)
    """Relevant items, by their first topic; "" for those without one."""

    def plus(self, figures: Figures) -> Counts:
        """With what arrived since the last mark."""
        seen, matched = dict(self.seen), dict(self.matched)
        for one in figures.arrived:
            seen[one.source_id] = seen.get(one.source_id, 0) + one.items
            if one.is_relevant:
                matched[one.topic] = matched.get(one.topic, 0) + one.items
        return Counts(seen, matched)


@dataclass(frozen=True, slots=True)
class Family:
    """A metric with all its samples."""

    name: str
    kind: Literal["gauge", "counter"]
    meaning: str
    samples: tuple[_Sample, ...]

    def lines(self) -> Iterator[str]:
        """Its lines; none where it has no sample."""
        if not self.samples:
            return
        yield f"# HELP {self.name} {_escaped(self.meaning)}"
        yield f"# TYPE {self.name} {self.kind}"
        for labels, number in self.samples:
            named = ",".join(f'{name}="{_quoted(text)}"' for name, text in labels.items())
            yield f"{self.name}{{{named}}} {_number(number)}" if named else f"{self.name} {_number(number)}"


def exposition(families: Iterable[Family]) -> str:
    """All of them as one text."""
    return "".join(f"{line}\n" for family in families for line in family.lines())


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', r"\"")


def _number(number: float) -> str:
    return repr(number) if number != int(number) else str(int(number))


def service(running: Running, status: Status, version: str, rules_version: str) -> tuple[Family, ...]:
    """How the service itself does."""
    return (
        _one("build_info", "The program and the rules at work.", 1, version=version, rules=rules_version),
        _at("started_timestamp_seconds", "When the service was started.", running.started),
        _one("healthy", "Whether `monitor health` has nothing to say.", status.is_well),
        _one("database_writable", "Whether the database can be written.", status.is_writable),
        _one("polls_fresh", "Whether sources are asked in time and one of them answers.", status.is_fresh),
        _at("last_poll_timestamp_seconds", "When a source was last asked.", status.last_poll),
        _at("last_run_timestamp_seconds", "When the last run ended, well or not.", running.last_run),
        _at(
            "last_run_success_timestamp_seconds",
            "When the last one ended that went well.",
            running.last_success,
        ),
        _some("run_duration_seconds", "How long the last run took.", running.seconds),
        _one(
            "config_last_reload_successful",
            "Whether the config and the templates are used as they are now.",
            not running.config_trouble,
        ),
        _at("config_loaded_timestamp_seconds", "When the config in use was read.", running.config_loaded),
    )


def sources(
    listed: Sequence[Source], states: Mapping[str, FeedState], counts: Counts, topics: Collection[str]
) -> tuple[Family, ...]:
    """How the sources that are switched on do, and what they brought. `topics`: all that the config names."""
    on = [source.id for source in listed if source.enabled]
    asked = {id_: states[id_] for id_ in on if id_ in states and states[id_].last_polled}
    up = {id_: not (state.failures or state.ended) for id_, state in asked.items()}
    read = {id_: state.last_ok for id_, state in asked.items()}
    failing = {id_: state.failing_since for id_, state in asked.items() if not up[id_]}
    seen = dict.fromkeys(on, 0) | dict(counts.seen)
    matched = dict.fromkeys(topics, 0) | dict(counts.matched)
    return (
        _each("source_up", "Whether the last poll of a source was answered.", "source", up),
        _each_at("source_last_success_timestamp_seconds", "When a source was last read.", "source", read),
        _each_at(
            "source_failing_since_timestamp_seconds",
            "Since when a source that is not up has failed.",
            "source",
            failing,
        ),
        _each("items_seen_total", "Items that came for the first time.", "source", seen, "counter"),
        _each(
            "items_matched_total",
            "Relevant items that came for the first time, by first topic.",
            "topic",
            matched,
            "counter",
        ),
    )


def digests(ids: Collection[str], figures: Figures) -> tuple[Family, ...]:
    """What was made and sent; a digest's id is its cadence. `ids`: all that the config names."""
    editions = {one.digest: one for one in figures.editions}
    settled = {(id_, status): 0 for id_ in ids for status in SETTLED}
    waiting = dict.fromkeys(ids, 0)
    for post in figures.posts:
        if post.status in SETTLED:
            settled[post.digest, post.status] = post.deliveries
        else:
            waiting[post.digest] = waiting.get(post.digest, 0) + post.deliveries
    return (
        Family(
            "monitor_digest_sent_total",
            "counter",
            "Mails and messages of a digest that came to their end, by what became of them.",
            tuple(({"cadence": id_, "outcome": status}, number) for (id_, status), number in settled.items()),
        ),
        _each("deliveries_waiting", "Mails and messages still to be sent.", "cadence", waiting),
        _at(
            "deliveries_waiting_since_timestamp_seconds",
            "When the oldest of them was queued, those in doubt included.",
            figures.waiting_since,
        ),
        _each_at(
            "digest_last_timestamp_seconds",
            "When the latest edition was made.",
            "cadence",
            {id_: one.created for id_, one in editions.items()},
        ),
        _each(
            "digest_stories",
            "Stories in the latest edition.",
            "cadence",
            {id_: one.stories for id_, one in editions.items()},
        ),
        _each(
            "digest_html_bytes",
            "The HTML part of its mail.",
            "cadence",
            {id_: one.html_bytes for id_, one in editions.items()},
        ),
        _one("database_bytes", "The size of the database.", figures.bytes),
    )


def _one(name: str, meaning: str, number: float, **labels: str) -> Family:
    return Family(f"monitor_{name}", "gauge", meaning, ((labels, number),))


def _some(name: str, meaning: str, number: float | None) -> Family:
    return Family(f"monitor_{name}", "gauge", meaning, () if number is None else ((_NONE, number),))


def _at(name: str, meaning: str, moment: datetime | None) -> Family:
    return _some(name, meaning, moment.timestamp() if moment else None)


def _each(
    name: str,
    meaning: str,
    label: str,
    numbers: Mapping[str, float],
    kind: Literal["gauge", "counter"] = "gauge",
) -> Family:
    samples = tuple(({label: of}, number) for of, number in numbers.items())
    return Family(f"monitor_{name}", kind, meaning, samples)


def _each_at(name: str, meaning: str, label: str, moments: Mapping[str, datetime | None]) -> Family:
    known = {of: moment.timestamp() for of, moment in moments.items() if moment}
    return _each(name, meaning, label, known)
