"""Core: editions and stories → the pages and feeds of the archive, as (path under the output folder, text).

    index.html                        the latest editions, items by topic and week, this year's editions
    year/<year>/index.html            the editions of one year, of all digests
    <digest>/index.html               all editions of one digest
    story/<id>/index.html             one story: its reports, why they are there, where it was shown
    topic/<topic>/index.html          the latest stories of a topic
    topic/<topic>/<month>/index.html  all its stories that were first shown in that month
    feeds/…                           stories, stories of each topic, editions: Atom and JSON Feed

A page depends on nothing but what is handed in: no clock, no folder. So the same database gives the same
bytes, whether the pages grew edition by edition or are written all at once. And it names nothing that later
editions change, save on the pages that later editions write again anyway; hence a page for each month, and
not "page 2", which would hold other stories every day.

`site` is what all pages share, `lists` the pages of editions, `topics` and `story` those of stories, `chart`
the items by topic and week, `feeds` the feeds, `check` tries a user's templates.
"""

from __future__ import annotations

from .chart import WEEKS, chart_start
from .check import check_templates
from .feeds import FEED_ENTRIES, editions_feed, stories_feed, story_entry
from .lists import digest_page, index_page, year_page
from .site import File, Site, month_of
from .story import story_page
from .topics import LATEST, topic_month_page, topic_page

__all__ = [
    "FEED_ENTRIES",
    "LATEST",
    "WEEKS",
    "File",
    "Site",
    "chart_start",
    "check_templates",
    "digest_page",
    "editions_feed",
    "index_page",
    "month_of",
    "stories_feed",
    "story_entry",
    "story_page",
    "topic_month_page",
    "topic_page",
    "year_page",
]
