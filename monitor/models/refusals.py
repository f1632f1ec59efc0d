"""Core: what a user is told: a command refused, a finding about the config."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


class Refusal(Exception):  # noqa: N818 - what the user is told, not always a fault
    """What stops a command and is told to its user in words. `exit_code` is what the program ends with.

    Refusal
    ├── UsageError          2    the command cannot be run as it was asked for
    ├── ConfigError         2    config.yaml cannot be used
    ├── EditError           2    … cannot be added to
    ├── OpmlError           2    a list of feeds that cannot be read
    ├── NothingAdded        1    a new source that is none, or known
    ├── TemplateProblem     2    a template cannot be rendered
    ├── StoreError          2    the database cannot be used
    │   ├── StoreBusy       75   … just now
    │   └── AlreadyPublished 75  another instance has just made this edition
    ├── WebError            2    the pages cannot be served where the config says
    ├── OldExpat            2    this Python's XML library is too old
    └── DeliveryError       1    an edition is kept, and could not be written out
    """

    exit_code = 2

    def told(self, *, colour: bool = False) -> str:  # noqa: ARG002 - for those that can use it
        """The message as it is printed."""
        return f"monitor: {self}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about the config: what, where, and what to do."""

    message: str
    file: str
    line: int = 0
    column: int = 0
    hint: str = ""
    severity: Literal["error", "warning"] = "error"
    excerpt: str = ""
    """The line of the file, for the caret."""
    code: str = ""
    """The lint that found it, as docs/lint.md has it: "K004"; "" for all that is not a lint."""

    @property
    def kind(self) -> str:
        """`error`, `warning` or `warning[K004]`."""
        return f"{self.severity}[{self.code}]" if self.code else self.severity

    def __str__(self) -> str:
        """`file:line:column: error: message (hint)`, the form that editors make clickable."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}: {self.kind}: {self.message}{hint}"
