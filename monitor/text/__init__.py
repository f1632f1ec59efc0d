"""Core: makes text comparable."""
