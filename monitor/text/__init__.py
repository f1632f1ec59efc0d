"""Core: makes text comparable: words, plain text out of HTML, addresses, boilerplate."""

from .words import HAN, Words, first_sentence, fold, is_han, words

__all__ = ["HAN", "Words", "first_sentence", "fold", "is_han", "words"]
