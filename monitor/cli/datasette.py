"""Shell: what Datasette (https://datasette.io) is to know of the database to be useful at once."""

from __future__ import annotations

import json

# Read by Datasette 0.65 with -m; the alphas of 1.0 take the settings of tables from there too.
METADATA = """\
# monitor export --format datasette -o metadata.yaml
# datasette {file} -m metadata.yaml
#
# On your own machine, for yourself: whoever can open these pages can read all of the database, also the
# addresses that mail goes to. Before others may look, switch SQL off below and see Datasette's pages on
# authentication.
title: UK-China monitor
description: Everything the monitor has read, what matched and why, and what its digests have shown.
databases:
  {name}:
    description: Begin with matched_items, at the end of the page; then items, stories, or a query.
    # allow_sql: false
    tables:
      matched_items:
        description: What matched, and why. Search reads titles, summaries and texts.
        sort_desc: id
        size: 50
        facets:
          - outlet
          - array: topics
          - date: published_at
        fts_table: items_fts
        fts_pk: id
        columns:
          topics: The primary topic first
          why: Topic or side, the words found, and where
      items:
        description: Every item, matching or not, with its verdict. Search reads titles, summaries and texts.
        label_column: title
        sort_desc: first_seen
        size: 50
        facets:
          - relevant
          - kind
          - outlet
          - array: topics
          - date: first_seen
        columns:
          published: What the publisher says, UTC
          first_seen: When a poll first saw it, UTC
          topic: The primary topic
          reason: Why it is in, or what was lacking
          parts: The sum that the score is
          matches: Each term that was found, with its place
          key: The address under which all feeds know the page
          rules_version: Which rules judged it
      stories:
        description: Reports of one event. A story is for ever, and no report leaves it.
        label_column: title
        sort_desc: last_seen
        facets:
          - topic
          - array: topics
          - date: first_seen
      story_items:
        description: Which report belongs to which story, and what it shares with it.
        sort_desc: joined
      editions:
        description: Every digest that was made.
        label_column: subject
        sort_desc: window_end
        facets:
          - digest
          - date: local_date
      edition_items:
        description: What each edition has shown of the items.
        facets:
          - digest
      edition_stories:
        description: What each edition has shown of the stories.
      sources:
        description: The sources, and what polling remembers of them.
        label_column: name
        sort: position
        facets:
          - kind
          - enabled
          - http_status
      notices:
        description: What was told of sources that failed, fell silent or came back.
        sort_desc: at
        facets:
          - kind
          - status
      labels:
        description: What analysts said of items.
        sort_desc: at
        facets:
          - relevant
      revisions:
        description: How items changed since they were first seen.
        sort_desc: at
        facets:
          - what
      sightings:
        description: In which feeds each page stood, and when.
        sort_desc: last_seen
        facets:
          - source_id
      pages:
        description: What pages say of themselves, where they were looked up.
        sort_desc: public_updated
        facets:
          - status
          - document_type
          - array: organisations
      aliases:
        hidden: true
      deliveries:
        hidden: true
      meta:
        hidden: true
      outgoing:
        hidden: true
      outlines:
        hidden: true
      pending:
        hidden: true
      pruned:
        hidden: true
      sqlite_sequence:
        hidden: true
      _sqlite_migrations:
        hidden: true
    queries:
      items_by_week:
        title: Matched items by week and topic
        description: The half year before the latest item.
        sql: |-
          SELECT date(first_seen, '-6 days', 'weekday 1') AS week, topic, count(*) AS items
          FROM items
          WHERE relevant = 1 AND first_seen >= date((SELECT max(first_seen) FROM items), '-182 days')
          GROUP BY week, topic ORDER BY week DESC, items DESC, topic
      terms:
        title: Terms by what they found
        description: In matched items of the 30 days before the latest one.
        sql: |-
          SELECT
            coalesce(json_extract(found.value, '$.topic'), json_extract(found.value, '$.role')) AS list,
            json_extract(found.value, '$.term') AS term,
            count(DISTINCT items.id) AS items,
            max(items.first_seen) AS last_found
          FROM items, json_each(items.matches) AS found
          WHERE relevant = 1 AND first_seen >= date((SELECT max(first_seen) FROM items), '-30 days')
          GROUP BY list, term ORDER BY items DESC, list, term
      largest_stories:
        title: Stories by their reports
        description: Of the 90 days before the latest item.
        sql: |-
          SELECT stories.id, stories.title, stories.topic, count(*) AS reports,
            count(DISTINCT items.outlet) AS outlets, stories.first_seen, stories.last_seen
          FROM stories
            JOIN story_items ON story_items.story_id = stories.id
            JOIN items ON items.id = story_items.item_id
          WHERE stories.last_seen >= date((SELECT max(first_seen) FROM items), '-90 days')
          GROUP BY stories.id ORDER BY reports DESC, stories.last_seen DESC LIMIT 200
      sources_by_yield:
        title: Sources by what they brought
        description: In the 90 days before the latest item.
        sql: |-
          SELECT sources.id, sources.name, count(*) AS items, sum(items.relevant) AS matched,
            round(100.0 * sum(items.relevant) / count(*), 1) AS percent, max(items.first_seen) AS last_item
          FROM items JOIN sources ON sources.id = items.source_id
          WHERE items.first_seen >= date((SELECT max(first_seen) FROM items), '-90 days')
          GROUP BY sources.id ORDER BY matched DESC, items DESC
"""


def metadata(file: str, name: str) -> str:
    """metadata.yaml for the database `file`, which Datasette calls by its `name` without the ending."""
    return METADATA.replace("{file}", file).replace("{name}", json.dumps(name, ensure_ascii=False))
