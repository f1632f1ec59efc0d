"""Border: writes the first config.yaml of a folder."""

from __future__ import annotations

import json
from pathlib import Path

from ..models import Problem
from .json_schema import json_schema
from .problems import ConfigError


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
        with target.open("xb") as file:
            file.write(starter.read_bytes())
        (folder / "config.schema.json").write_text(schema_text(), encoding="utf-8")
    except FileExistsError:
        hint = "edit that one, or name another folder: monitor init FOLDER"
        raise ConfigError(
            (Problem("this is there already and is left as it is", str(target), hint=hint),)
        ) from None
    except OSError as error:
        raise ConfigError((Problem(f"cannot be written: {error.strerror}", str(target)),)) from None
    return target
