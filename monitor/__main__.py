"""Shell: `python -m monitor`."""

from .cli import entry

if __name__ == "__main__":
    entry()
