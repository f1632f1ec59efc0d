"""I/O: the methods of Store, a file for each kind of thing: they hold the transactions, and nothing else.

What is written and read stands in the modules of the same names beside this folder.
"""

from .editions import EditionMethods
from .items import ItemMethods
from .service import ServiceMethods
from .sources import SourceMethods
from .stories import StoryMethods
from .verdicts import VerdictMethods

__all__ = [
    "EditionMethods",
    "ItemMethods",
    "ServiceMethods",
    "SourceMethods",
    "StoryMethods",
    "VerdictMethods",
]
