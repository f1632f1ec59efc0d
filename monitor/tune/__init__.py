"""Core: the tuning loop on values handed in: explain one item, score labelled examples."""

from .evaluate import Evaluation, Failure, Score, evaluate
from .examples import Example, ExampleError, example
from .explain import Explanation, explain, pasted
from .near import NearMiss, near_misses
from .reasons import FIELD_NAMES, ROLE_NAMES, context, why

__all__ = [
    "FIELD_NAMES",
    "ROLE_NAMES",
    "Evaluation",
    "Example",
    "ExampleError",
    "Explanation",
    "Failure",
    "NearMiss",
    "Score",
    "context",
    "evaluate",
    "example",
    "explain",
    "near_misses",
    "pasted",
    "why",
]
