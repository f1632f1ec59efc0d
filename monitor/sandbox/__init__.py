"""I/O: parses documents in child processes under limits of memory, processor time and wall time.

feedparser can take minutes or gigabytes over a few kilobytes made for it, so can the libraries that read web
pages, and they hold the interpreter's lock, so that a thread cannot be stopped. A child can. It is started
when first needed, stays warm over many documents, is killed and replaced after a breach, and ends with its
parent, whose end closes its standard input.

Between them go frames: a length of four bytes (big-endian), then so many bytes. A request is a frame that is
pickled, since the parent is trusted, and one that is the document as it came: many may be held at the same
time, so that none is copied here. Answers are JSON, since a document that took the child over must not reach
the parent: they are read up to a limit and taken apart field by field.

`pool` is the parent's side and `answers` what it is told, `child` the child's and `work` what it is asked
for; `frames` go between them. Each is imported when it is first needed: neither side waits for the other's.
"""

from typing import TYPE_CHECKING

from ..lazily import lazily

if TYPE_CHECKING:
    from .expat import OldExpat, check_expat
    from .frames import MIB
    from .pool import ParserPool

__all__ = ["MIB", "OldExpat", "ParserPool", "check_expat"]

_HOME = {"MIB": "frames", "OldExpat": "expat", "ParserPool": "pool", "check_expat": "expat"}

if not TYPE_CHECKING:  # or the type checker would take any name for one of ours
    __getattr__ = lazily(__name__, _HOME)
