"""A GOV.UK on this machine: documents in memory, published through its feeds and APIs, with their habits.

with GovukSite(MONDAY) as site:
    page = site.publish(NOON, Document("/government/news/visit", "Visit", world_locations=("china",)))
    site.major_update(TUESDAY, page, "Added a programme.", title="Visit to Beijing")
    fetch(site.url("/search/news-and-communications.atom?world_locations[]=china"))

Written after the public code of alphagov: finder-frontend (`app/views/finders/*.atom.builder`), collections
(`app/views/feeds/feed.atom.builder`), frontend (`app/views/travel_advice/*.atom.builder`), search-api
(`docs/using-the-search-api.md`), content-store (`content_items_controller.rb`), publishing-api
(`docs/api.md`, `app/models/edition/timestamps.rb`).
"""

from .documents import Deed, Document
from .server import Asked, GovukSite

__all__ = ["Asked", "Deed", "Document", "GovukSite"]
