"""Border: packages whose modules are imported when something of them is first asked for (PEP 562).

A command that asks for three values does not wait for all hundred and fifty.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def lazily(package: str, home: Mapping[str, str]) -> Callable[[str], object]:
    """The `__getattr__` of a package: `home` has the module, within the package, of each of its names.

    No module may be called like one of these names: once imported it would stand in its place.
    """

    def find(name: str) -> object:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(import_module(f".{home[name]}", package), name)
        setattr(sys.modules[package], name, value)
        return value

    return find
