"""A self-hosted, scheduled monitor of news about UK-China relations."""

VERSION = "0.1.0"
"""That of pyproject.toml, written here too: to ask what is installed takes longer than `monitor --help`."""
