"""Border: what of a config a poll needs, and its form between two runs.

`monitor poll` is started anew each time: to read a thousand sources and five thousand terms, and to import
what checks them, takes half as long as to ask all those sources.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ..classify import RuleBook
from ..models import RelevanceWeights, RuleSpec, Source, without_secrets

Filed = Mapping[str, Any]
"""Of plain values alone, as JSON has them."""


@dataclass(frozen=True, slots=True)
class PollConfig:
    """The part of config.yaml that says what is asked, how, and which of it is relevant."""

    file: Path
    timezone: ZoneInfo
    database: Path
    concurrency: int
    per_host: int
    """At most this many requests to one host at a time."""
    look_up: bool
    """Whether relevant pages of GOV.UK are looked up at its Content API."""
    full_text_limit: int
    """The most articles that are fetched after one poll, for sources with full_text."""
    user_agent: str
    allow_private: tuple[str, ...]
    proxy: str | None = field(repr=False)
    mirrors: tuple[tuple[str, str], ...]
    """(host, base address that is asked in its place)"""
    sources: tuple[Source, ...] = field(repr=False)
    """All of them, the disabled ones too. Headers may hold secrets: hence no repr."""
    rules: RuleSpec = field(repr=False)
    rulebook: RuleBook = field(repr=False)
    is_fixed: bool
    """Whether all of the above but the database stands in the file itself, none of it in a variable."""

    @property
    def timezone_name(self) -> str:
        """The IANA name, as in Europe/London."""
        return self.timezone.key


def written(config: PollConfig, mark: str) -> str | None:
    """`config` as a text that `understood` reads, for as long as `mark_of` gives this mark.

    None where something in it is secret, or may be another tomorrow though the file is not: the text is for
    the database, which others may read.
    """
    if not config.is_fixed or not mark or _may_be_secret(config):
        return None
    filed = {
        **{name: _filed(getattr(config, name)) for name in _AS_IT_IS},
        "sources": [_SOURCE, *([_filed(getattr(one, name)) for name in _SOURCE] for one in config.sources)],
        "rules": {name: getattr(config.rules, name) for name in _RULES},
        "topics": config.rules.topics,
        "weights": asdict(config.rules.weights),
    }
    text = json.dumps(filed, separators=(",", ":"))
    return f"{_head(mark, text)}\n{text}"


def understood(text: str, mark: str, database: Path) -> PollConfig | None:
    """What `written` wrote; None for another mark or database, another version's text, and a damaged one."""
    head, _, text = text.partition("\n")
    if not mark or head != _head(mark, text):
        return None
    try:
        config = _config(json.loads(text))
    except (ArithmeticError, LookupError, OSError, RecursionError, TypeError, ValueError):
        # Of a version with other fields, or from nobody of ours. OSError: a time zone that is a folder.
        return None
    return config if config.database == database else None


def _may_be_secret(config: PollConfig) -> bool:
    addresses = [config.proxy or "", *(base for _, base in config.mirrors), *(s.url for s in config.sources)]
    return any(source.headers for source in config.sources) or any(
        without_secrets(address) != address for address in addresses
    )


def _head(mark: str, text: str) -> str:
    """Tells a text that fits from one that was damaged, which SQLite itself does not notice."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"{mark} {digest}"


# Attributes that are not made of others.
_AS_IT_IS = tuple(
    one.name for one in fields(PollConfig) if one.name not in ("sources", "rules", "rulebook", "is_fixed")
)
_SOURCE = [one.name for one in fields(Source)]
_RULES = tuple(one.name for one in fields(RuleSpec) if one.name not in ("topics", "weights"))
_READ: Mapping[str, Callable[[Any], Any]] = {
    "file": Path,
    "timezone": ZoneInfo,
    "database": Path,
    "allow_private": tuple,
    "mirrors": lambda pairs: tuple(map(tuple, pairs)),
}
_LENGTHS = ("every", "window")


def _filed(value: object) -> object:
    match value:
        case ZoneInfo():
            return value.key
        case Path():
            return str(value)
        case timedelta():
            return value.total_seconds()
        case _:
            return value


def _config(filed: Filed) -> PollConfig:
    columns, *rows = filed["sources"]
    if columns != _SOURCE:
        raise KeyError(columns)
    rules = RuleSpec(
        **{name: tuple(filed["rules"][name]) for name in _RULES},
        topics=tuple((name, tuple(terms)) for name, terms in filed["topics"]),
        weights=RelevanceWeights(**filed["weights"]),
    )
    return PollConfig(
        **{name: _READ.get(name, _same)(filed[name]) for name in _AS_IT_IS},
        sources=tuple(map(_source, rows)),
        rules=rules,
        rulebook=RuleBook.of_checked(rules),
        is_fixed=True,
    )


def _same(value: Any) -> Any:
    return value


def _source(row: Sequence[Any]) -> Source:
    values = dict(zip(_SOURCE, row, strict=True))
    for name in _LENGTHS:
        values[name] = None if values[name] is None else timedelta(seconds=values[name])
    return Source(**{**values, "headers": (), "strip": tuple(values["strip"])})
