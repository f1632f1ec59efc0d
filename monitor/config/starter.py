"""Border: writes the first config.yaml of a folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ..models import Problem
from .as_schema import json_schema
from .error import ConfigError


def schema_text() -> str:
    """The JSON Schema as the bytes of config.schema.json: stable, indented, with a newline at the end."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def write_starter(starter: Path, folder: Path) -> Path:
    """Copies `starter` to config.yaml in `folder`, with config.schema.json for editors beside it.

    Makes the folder; never overwrites a config. Gives the path of config.yaml. Raises ConfigError.
    """
    target = folder / "config.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _put(starter.read_bytes(), target)
        (folder / "config.schema.json").write_text(schema_text(), encoding="utf-8")
    except FileExistsError:
        hint = "edit that one, or name another folder: monitor init FOLDER"
        raise ConfigError(
            (Problem("this is there already and is left as it is", str(target), hint=hint),)
        ) from None
    except OSError as error:
        raise ConfigError((Problem(f"cannot be written: {error.strerror}", str(target)),)) from None
    return target


def _put(data: bytes, target: Path) -> None:
    """Makes a file that is there with all its bytes or not at all. Raises FileExistsError and OSError."""
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_bytes(data)
        try:
            # Unlike a rename this never takes the place of another file.
            os.link(part, target)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links, as some that are mounted into containers
            if target.exists():
                raise FileExistsError(target) from None
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)
