"""Border: where the files that ship with the program lie, in a checkout and once installed."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_INSTALLED = _PACKAGE / "_shipped"
_CHECKOUT = _PACKAGE.parent


def _shipped(name: str) -> Path:
    installed = _INSTALLED / name
    return installed if installed.exists() else _CHECKOUT / name


def templates() -> Path:
    """The folder of the built-in templates."""
    return _shipped("templates")


def starter_config() -> Path:
    """The config.yaml that `monitor init` copies."""
    return _shipped("config.yaml")
