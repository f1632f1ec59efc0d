"""Border: the database that a config.yaml names, though the rest of the file may be in error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from .error import ConfigError
from .files import absolute, file_bytes, file_text
from .schema import ConfigFile
from .tree import Mapping as MappingNode
from .tree import Reader
from .values import Document

KEY = "database"


def database_named(path: Path, environ: Mapping[str, str]) -> Path | None:
    """The file after `database:` in the config at `path`, or the one that is used where it has no such line.

    None where that cannot be told: the file is not to be read, or the line itself is in error.
    """
    try:
        lines = file_text(file_bytes(path), path).splitlines()
        of_key = [line for line in lines if re.match(rf"(?:{KEY}|\"{KEY}\"|'{KEY}')\s*:", line)]
        if not of_key:
            return absolute(str(ConfigFile.model_fields[KEY].default), path, environ)
        reader = Reader(of_key[-1], str(path))
        root = reader.read()
    except ConfigError:
        return None
    if not isinstance(root, MappingNode):
        return None
    document = Document(reader, root, environ)
    written = document.at((KEY,))
    if reader.problems or document.problems or not isinstance(written, str):
        return None
    return absolute(written, path, environ)
