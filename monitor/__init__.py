"""A self-hosted, scheduled monitor of news about UK-China relations."""
