"""Border: tells without reading a config whether it still says what it said.

`monitor health` asks that each minute; to read a thousand sources and five thousand terms takes a second.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from operator import attrgetter
from pathlib import Path

from .. import VERSION
from .files import DATABASE, absolute

_VARIABLE = re.compile(rb"\$\{([A-Za-z_][A-Za-z0-9_]*)")
_KEYS = (b"database", b'"database', b"'database")
_PLAIN = re.compile(
    r"database:[ \t]+([\"']?)((?:[\w./~-]|\$\{\w+(?::-[\w./~-]*)?\})+)\1[ \t]*(?:#.*)?", re.ASCII
)
_FILLED = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
_MOST = 65_537
"""Bytes of a secret's file that are looked at: one more than are accepted."""


def mark_of(data: bytes, file: Path, environ: Mapping[str, str]) -> str:
    """Another one where the file, the program or a variable that the config names are others.

    `data` are the bytes of the file. The mark is stored where a reader of the database sees it. So the file
    is told by what its folder says of it (a write changes the time of its last change, which nobody can
    set); of what stands in it and in variables there are eight bits of a digest, by which whoever guesses at
    a password can rule out and confirm none. Of a variable that was set, another value is missed once in 256
    times: a command that needs that variable reads the config and tells whether it is of any use.
    """
    names = sorted({name.decode() for name in _VARIABLE.findall(data)})
    values = [*_values(names, environ)]
    about = (VERSION, *_program(), str(file.absolute()), _identity(file), [bool(value) for value in values])
    told = blake2b(repr(about).encode("utf-8", "surrogatepass"), digest_size=16)
    held = blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=1, key=told.digest())
    held.update(data)
    return f"{told.hexdigest()}-{held.hexdigest()}"


def _program() -> Iterator[tuple[str, int, int]]:
    """Of a checkout, the version alone does not tell what it makes of a config."""
    package = Path(__file__).parent.parent
    for folder in ("config", "classify", "govuk", "models", "."):
        try:
            with os.scandir(package / folder) as entries:
                modules = sorted((one for one in entries if one.name.endswith(".py")), key=attrgetter("name"))
                for module in modules:
                    about = module.stat()
                    yield module.name, about.st_size, about.st_mtime_ns
        except OSError:  # it is no folder where the package is one file
            return


def _identity(file: Path) -> tuple[int, ...]:
    try:
        about = file.stat()
    except OSError:
        return ()
    return about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns


def _values(names: list[str], environ: Mapping[str, str]) -> Iterator[str]:
    """What each variable, and the file that NAME_FILE names, hold: "" where there is neither."""
    for name in names:
        file = environ.get(f"{name}_FILE", "")
        value = environ.get(name)
        if value is None and not file:
            yield ""
            continue
        yield repr((value, file, _content(file) if file else b""))


def _content(file: str) -> bytes | str:
    try:
        with Path(file).open("rb") as handle:
            return handle.read(_MOST)
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL
        return repr(error)


def database_at_a_glance(data: bytes, file: Path, environ: Mapping[str, str]) -> Path | None:
    """The database that the config in `data` most likely names; None where a glance does not tell it."""
    lines = [line for line in data.splitlines() if line.startswith(_KEYS)]
    if not lines:
        return absolute(DATABASE, file, environ)
    plain = _PLAIN.fullmatch(lines[0].decode("utf-8", "replace")) if len(lines) == 1 else None
    if plain is None:
        return None
    # A variable that is empty, and one whose value is in a file, are for those who read the config.
    written = _FILLED.sub(lambda found: environ.get(found[1], found[2] or ""), plain[2])
    return absolute(written, file, environ)
