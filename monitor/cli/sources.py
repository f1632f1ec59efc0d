"""Shell: `monitor sources`: the health table, and one file for each of add, import, export and test."""

from __future__ import annotations

from importlib import import_module

from .context import Context

_ACTIONS = {
    "list": ("condition", "sources"),
    "add": ("adding", "add"),
    "import": ("subscriptions", "take_in"),
    "export": ("subscriptions", "give_out"),
    "test": ("trying", "try_out"),
}


def sources(context: Context) -> int:
    """`monitor sources [list|add|import|export|test]`."""
    module, function = _ACTIONS[context.args.action or "list"]
    code: int = getattr(import_module(f"{__package__}.{module}"), function)(context)
    return code
