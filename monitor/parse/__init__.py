"""Core: bytes → items and pages, or ParseError with what the bytes are instead.

`document` finds out what the bytes are, `feed` and `jsonfeed` read entries, one file each the results of an
interface (on `api`), `items` makes them clean, `identity` gives them their keys. `parts` reads of a feed only
what is new in it: `pieces` cuts it into its entries, `outline` is what is remembered of them, `faults` knows
which broken documents allow it. `page` reads a single page.
Hostile documents can cost the libraries minutes or gigabytes: in the program this runs in `sandbox`'s child
processes.

A module of this package is imported when something of it is first asked for: the program itself knows the
errors, its children the libraries.
"""

from typing import TYPE_CHECKING

from ..lazily import lazily

if TYPE_CHECKING:
    from .page import parse_page
    from .raw import ParseError
    from .reading import parse_feed

__all__ = ["ParseError", "parse_feed", "parse_page"]

_HOME = {"ParseError": "raw", "parse_feed": "reading", "parse_page": "page"}

if not TYPE_CHECKING:  # or the type checker would take any name for one of ours
    __getattr__ = lazily(__name__, _HOME)
