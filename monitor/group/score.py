"""Core: how well a grouping agrees with labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import TypeVar

Id = TypeVar("Id", bound=Hashable)


def b_cubed(predicted: Mapping[Id, Hashable], truth: Mapping[Id, Hashable]) -> tuple[float, float, float]:
    """B-cubed precision, recall and F1, each 0 to 1 (Bagga and Baldwin 1998): means over the items.

    Both mappings name the group of the same items; an item alone has a group that no other has.
    Raises ValueError where their items differ. Without items all three are 1.
    """
    if predicted.keys() != truth.keys():
        raise ValueError("predicted and truth name different items: give both the same ids")
    if not predicted:
        return 1.0, 1.0, 1.0
    predicted_sizes, true_sizes = Counter(predicted.values()), Counter(truth.values())
    both = Counter((predicted[item], truth[item]) for item in predicted)
    # Items with the same two groups have the same share, so each such cell counts n times n.
    precision = sum(n * n / predicted_sizes[group] for (group, _), n in both.items()) / len(predicted)
    recall = sum(n * n / true_sizes[event] for (_, event), n in both.items()) / len(predicted)
    return precision, recall, 2 * precision * recall / (precision + recall)
