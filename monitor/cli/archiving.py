"""Shell: the command that writes the archive's pages by hand."""

from __future__ import annotations

import sys

from .. import archive as pages
from .. import render
from ..jobs.archive import Archived, rebuild, update
from ..jobs.publish import write_editions
from .context import Context, UsageError
from .output import plural, print_json, watched


def archive(context: Context) -> int:
    """`monitor archive`: exit 1 where a template of the user's could not be used."""
    config, store, args = context.config, context.store, context.args
    stories = store.archive.filed()
    if not store.archive.last_edition_id():
        raise UsageError("there is no edition yet, so no archive; `monitor digest` makes one")
    env = render.environment(context.template_folders())
    if args.rebuild:
        with watched(len(stories), "Writing") as watch:
            done: Archived | None = rebuild(config, store, env, watch)
    else:
        write_editions(config, store)
        done = update(config, store, env)
    written = done.written if done else None
    if args.json:
        print_json(
            {
                "output": config.output,
                "editions": len(store.archive.editions()),
                "stories": len(stories),
                "pages": written.changed + written.unchanged if written else 0,
                "changed": written.changed if written else 0,
                "bytes": written.bytes if written else 0,
            }
        )
    elif done and written:
        print(f"{plural(done.editions, 'edition')}, {plural(done.stories, 'story')} in {config.output}")
        looked_at = written.changed + written.unchanged
        print(
            f"  {plural(looked_at, 'page')} made, {written.bytes / 1e6:,.1f} MB; {written.changed:,} are new"
        )
        print(f"  {config.output / 'index.html'}")
    else:
        print(f"Nothing to do: {config.output / 'index.html'} tells of the last edition.")
        print("`monitor archive --rebuild` writes all pages anew, as after a change of templates or topics.")
    problems = pages.check_templates(env) if done else ()
    for problem in problems:
        print(f"monitor: the built-in template was used: {problem}", file=sys.stderr)
    return int(bool(problems))
