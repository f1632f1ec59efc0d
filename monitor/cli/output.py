"""Shell: results on stdout, as a table or one JSON object; progress on stderr, only on a terminal."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    # Where something is drawn: half of all commands draw nothing, and it takes a tenth of a second to import.
    from rich.console import Console
    from rich.text import Text

SCHEMA_VERSION = 1
UNBOUNDED = 10_000
STEPS = 100
"""Of the progress bar over items: drawing it for each would cost more than judging it."""

MARKERS = ("\x02", "\x03")
"""Around words to mark, until they are printed: control characters, which no printed text has."""

T = TypeVar("T")


def print_json(values: dict[str, Any]) -> None:
    """One object with `schema_version` first."""
    print(
        json.dumps({"schema_version": SCHEMA_VERSION, **values}, ensure_ascii=False, indent=2, default=_plain)
    )


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def iso(at: datetime) -> str:
    """A time as ISO 8601 in UTC with Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str | Text]]) -> None:
    """A plain table; a column whose name ends in "#" is numbers. Strangers' text is never read as markup.

    A cell of Text is as `marked` has made it, and may have lines. On a terminal the last column wraps;
    elsewhere every row is one line, whole, for grep and spreadsheets.
    """
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        numbers = name.endswith("#")
        table.add_column(
            name.rstrip("#"),
            justify="right" if numbers else "left",
            no_wrap=name != columns[-1] or not is_terminal(),
        )
    for row in rows:
        table.add_row(*(Text(one_line(cell)) if isinstance(cell, str) else cell for cell in row))
    if is_terminal():
        console().print(table)
        return
    screen = console()
    with screen.capture() as captured:
        screen.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def console() -> Console:
    """stdout, as wide as the terminal; without limit where it is a file or a pipe."""
    from rich.console import Console

    width = None if is_terminal() else UNBOUNDED
    return Console(
        file=sys.stdout,
        width=width,
        highlight=False,
        no_color=not is_coloured(sys.stdout),
        soft_wrap=not width,
    )


def is_terminal() -> bool:
    """Whether a person is looking at stdout."""
    return sys.stdout.isatty()


def one_line(text: str) -> str:
    """`text` without line breaks or control characters, which could move a terminal's cursor."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def marked(text: str) -> Text:
    """`one_line` of a text, with what stands between MARKERS bold on a terminal, else in square brackets."""
    from rich.text import Text

    start, end = MARKERS
    # One that a stranger has put into the text marks too little or too much, and nothing else.
    line = "".join(char if char.isprintable() or char in MARKERS else " " for char in text)
    shown = Text()
    for nth, piece in enumerate(re.split(f"{start}([^{start}{end}]*){end}", " ".join(line.split()))):
        words = piece.replace(start, "").replace(end, "")
        if nth % 2 == 0:
            shown.append(words)
        elif is_coloured(sys.stdout):
            shown.append(words, style="bold")
        else:
            shown.append(f"[{words}]")
    return shown


def print_marked(before: str, text: Text) -> None:
    """A line of ours and what `marked` has made, as wide as they are."""
    from rich.text import Text

    console().print(Text(before) + text, soft_wrap=True)


@contextmanager
def progress_bar(total: int, what: str) -> Iterator[Callable[[str], None]]:
    """Gives a function to call with the name of each thing done. Nothing is drawn off a terminal."""
    if not sys.stderr.isatty() or total == 0:
        yield lambda _name: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    bar = Progress(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[name]}", markup=False),
        console=Console(stderr=True, no_color=not is_coloured(sys.stderr)),
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=total, name="")
        yield lambda name: bar.update(task, advance=1, name=name)


@contextmanager
def watched(total: int, what: str) -> Iterator[Callable[[Iterable[T]], Iterator[T]]]:
    """Gives a function through which things go on their way, with a progress bar on a terminal."""
    step = max(total // STEPS, 1)
    with progress_bar(total // step, what) as done:

        def passing(things: Iterable[T]) -> Iterator[T]:
            for number, thing in enumerate(things, 1):
                yield thing
                if number % step == 0:
                    done(f"{number:,}")

        yield passing


def is_coloured(stream: Any) -> bool:
    """Whether colour may be used on a stream (no-color.org)."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR")


def ago(at: datetime | None, now: datetime) -> str:
    """How long ago, roughly: "5 min", "3 h", "12 d"; "never"."""
    return "never" if at is None else span(max((now - at).total_seconds(), 0))


def span(seconds: float | None) -> str:
    """A length of time, roughly: "5 min", "3 h", "12 d"; "-" where it is not known."""
    if seconds is None:
        return "-"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min"
    return f"{seconds // 3600:.0f} h" if seconds < 48 * 3600 else f"{seconds // 86_400:.0f} d"


def shortened(text: str, most: int) -> str:
    """`text` with an ellipsis where it is longer than `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def plural(count: int, noun: str) -> str:
    """`1 item`, `2 items`, `2 stories`."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1]}ies" if noun.endswith("y") else f"{count:,} {noun}s"
