"""Shell: stored items as CSV for spreadsheets, where a cell that begins like a formula is run as one."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

from .. import tune
from ..models import Label
from ..render.inert import clean, safe_url
from ..store import Exported
from .output import iso

COLUMNS = (
    *("id", "title", "url", "outlet", "kind", "published", "first_seen", "topics", "primary_topic", "score"),
    *("why", "summary", "lang", "story_id", "label"),
)
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for the code page of the computer."""

# A formula begins with one of these signs, or with its full-width form, which East Asian versions of Excel
# read as the same; gaps, quotation marks and what has no width may be taken off before it
# (https://owasp.org/www-community/attacks/CSV_Injection). Spreadsheets that cut at semicolons, as in much of
# Europe, do not see our quotation marks and begin a cell behind every semicolon and line end.
_BEFORE = r"[\s\"'‘’“”\uff02\uff07\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*"
_FORMULA = re.compile(rf"(^|[;\n])({_BEFORE})([-=+@−\uff1d\uff0b\uff20\uff0d])")


def as_csv(items: Iterable[Exported]) -> Iterator[str]:
    """A heading and one row for each item (RFC 4180: CRLF, quoted where needed), row by row."""
    yield BYTE_ORDER_MARK + _line(COLUMNS)
    for exported in items:
        yield _line(_row(exported))


def _row(exported: Exported) -> tuple[str | float, ...]:
    judged = exported.judged
    item, verdict = judged.item, judged.verdict
    return (
        judged.id,
        _cell(item.title),
        _cell(safe_url(item.url)),
        _cell(judged.outlet),
        judged.kind,
        iso(judged.date) if judged.date else "",
        iso(judged.first_seen),
        _cell("; ".join(verdict.topics)),
        _cell(next(iter(verdict.topics), "")),
        verdict.score,
        _cell(tune.why(verdict)),
        _cell(item.summary),
        _cell(item.lang),
        exported.story_id or "",
        _cell(_label(exported.label)),
    )


def _label(label: Label | None) -> str:
    if label is None:
        return ""
    said = "relevant" if label.relevant else "irrelevant"
    return f"{said}: {'; '.join(label.topics)}" if label.topics else said


def _cell(text: str) -> str:
    """Any text as one that a spreadsheet shows and does not run: with an apostrophe before what it would."""
    lines = (clean(line) for line in text.splitlines())
    return _FORMULA.sub(r"\1'\2\3", "\n".join(lines))


def _line(cells: Iterable[str | float]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
