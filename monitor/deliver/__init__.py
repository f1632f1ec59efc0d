"""I/O: puts what readers read where they find it: as files under the output folder.

    <output>/<digest>/<edition>/index.html  digest.txt  digest.json
    <output>/<digest>/latest/index.html     a copy of the newest edition's page
    <output>/<digest>/preview/…             what an edition would be; nothing counts on it
    <output>/…                              the archive's pages and feeds: see monitor/archive

A file appears whole or not at all, and writing the same again writes the same bytes. `editions` puts editions
there, `site` the archive, `files` is how either is written.
"""

from __future__ import annotations

from .channels import channel_name
from .editions import WrittenPaths, edition_files, newest, paths, write_edition, write_preview
from .files import DeliveryError
from .site import Progress, Written, archive_progress, keep_progress, write_site

__all__ = [
    "DeliveryError",
    "Progress",
    "Written",
    "WrittenPaths",
    "archive_progress",
    "channel_name",
    "edition_files",
    "keep_progress",
    "newest",
    "paths",
    "write_edition",
    "write_preview",
    "write_site",
]
