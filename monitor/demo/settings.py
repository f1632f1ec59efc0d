"""I/O: the demo's config.yaml: its own sources and settings around the rules and topics that ship."""

from __future__ import annotations

import re
from pathlib import Path

from .. import resources

_KEY = re.compile(r"^([a-z_]+):")
_SHARED = ("rules", "topics")
"""What the demo takes from the shipped config word for word, so that it shows the real rules at work."""


def write_config(folder: Path, base_url: str) -> Path:
    """Write `folder`/config.yaml for the feeds at `base_url` (`http://host:port`) and return its path.

    The folder is made where it is missing; a config.yaml in it is replaced. Database and output lie in the
    same folder, as relative paths. Raises OSError where the folder cannot be written, and ValueError where
    the shipped config lacks a section.
    """
    shipped = resources.starter_config()
    template = (Path(__file__).parent / "config.yaml").read_text(encoding="utf-8")
    own = template.replace("{base_url}", base_url).replace("{address}", base_url.partition("://")[2])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.yaml"
    path.write_text(spliced(own, shipped.read_text(encoding="utf-8"), str(shipped)), encoding="utf-8")
    return path


def spliced(own: str, shipped: str, name: str = "the shipped config") -> str:
    """`own` with the rules and topics of `shipped` after it, their text and comments unchanged.

    `name` stands for `shipped` in the error. Raises ValueError where `shipped` lacks one of the two.
    """
    found = sections(shipped)
    missing = [key for key in _SHARED if key not in found]
    if missing:
        raise ValueError(f"{name}: no section {' and no section '.join(missing)} for the demo to use")
    return own.rstrip() + "\n\n" + "\n\n".join(found[key].strip("\n") for key in _SHARED) + "\n"


def sections(text: str) -> dict[str, str]:
    """The top-level sections of a YAML file as text; comments above a key, at the margin, belong to it."""
    lines = text.splitlines(keepends=True)
    keys = [(number, match[1]) for number, line in enumerate(lines) if (match := _KEY.match(line))]
    starts = [_with_comment(lines, number) for number, _ in keys]
    ends = [*starts[1:], len(lines)]
    return {key: "".join(lines[start:end]) for (_, key), start, end in zip(keys, starts, ends, strict=True)}


def _with_comment(lines: list[str], start: int) -> int:
    while start and (not lines[start - 1].strip() or lines[start - 1].startswith("#")):
        start -= 1
    return start
