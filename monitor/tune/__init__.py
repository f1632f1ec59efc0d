"""Core: the tuning loop on values handed in: explain one item, score labelled examples."""

from .changes import LISTS, Changes, Rules, SideChange, TermChange, WeightChange, changes, topic_list
from .edits import EditError, edited
from .evaluate import Evaluation, Failure, Score, evaluate
from .examples import SIDES, Example, ExampleError, Mistake, example, labelled
from .explain import Explanation, explain, pasted
from .health import ENOUGH_ITEMS, WORDS, TermHealth, Word
from .labels import agreement, worth_a_label
from .near import NearMiss, NearMisses
from .reasons import FIELD_NAMES, ROLE_NAMES, context, why
from .replay import rejudged, replay
from .stats import RulesHealth, stats
from .suggest import (
    LABELS_NEEDED,
    OUTLETS_COUNTED,
    FalseAlarmWord,
    Furniture,
    Name,
    NearTerm,
    Suggestions,
    TellingWord,
    suggest,
)
from .tally import Because, Kept, LabelCounts, Replay, Sample, Tally, TermEffect

__all__ = [
    "ENOUGH_ITEMS",
    "FIELD_NAMES",
    "LABELS_NEEDED",
    "LISTS",
    "OUTLETS_COUNTED",
    "ROLE_NAMES",
    "SIDES",
    "WORDS",
    "Because",
    "Changes",
    "EditError",
    "Evaluation",
    "Example",
    "ExampleError",
    "Explanation",
    "Failure",
    "FalseAlarmWord",
    "Furniture",
    "Kept",
    "LabelCounts",
    "Mistake",
    "Name",
    "NearMiss",
    "NearMisses",
    "NearTerm",
    "Replay",
    "Rules",
    "RulesHealth",
    "Sample",
    "Score",
    "SideChange",
    "Suggestions",
    "Tally",
    "TellingWord",
    "TermChange",
    "TermEffect",
    "TermHealth",
    "WeightChange",
    "Word",
    "agreement",
    "changes",
    "context",
    "edited",
    "evaluate",
    "example",
    "explain",
    "labelled",
    "pasted",
    "rejudged",
    "replay",
    "stats",
    "suggest",
    "topic_list",
    "why",
    "worth_a_label",
]
