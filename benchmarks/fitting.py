"""Fits the offline answerer's linear models by plain gradient ascent, with an L2 penalty.

Features are compared by their spread: the penalty is that of standardised ones, the weights returned
are in the features' own units.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
_TINY = 1e-9


def fit_ranking(
    groups: Sequence[tuple[FloatArray, NDArray[np.bool_]]], *, penalty: float = 0.02
) -> FloatArray:
    """Weights for which the marked rows of each group get the most of a softmax over its rows.

    The spread of a feature is that within a group, which alone decides its order.
    """
    spread = np.sqrt(np.mean([table.var(axis=0) for table, _ in groups], axis=0))
    scale = np.where(spread > _TINY, spread, np.inf)  # what never differs gets no weight
    longest = max(len(table) for table, _ in groups)
    rows = np.zeros((len(groups), longest, len(spread)))
    marked = np.zeros((len(groups), longest))
    absent = np.full((len(groups), longest), -np.inf)
    for place, (table, right) in enumerate(groups):
        rows[place, : len(table)] = table / scale
        marked[place, : len(table)] = right
        absent[place, : len(table)] = 0.0
    weights = np.zeros(len(spread))
    momentum = np.zeros_like(weights)
    for _ in range(1500):
        scores = rows @ weights + absent
        share = np.exp(scores - scores.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        wanted = share * marked
        wanted /= wanted.sum(axis=1, keepdims=True)
        gradient = np.einsum("gr,grf->f", wanted - share, rows) / len(groups)
        momentum = 0.9 * momentum + gradient - penalty * weights
        weights = weights + 0.05 * momentum
    return weights / scale


def fit_logistic(table: FloatArray, labels: FloatArray, *, penalty: float = 0.1) -> FloatArray:
    """Bias and weights of a logistic regression."""
    mean, deviation = table.mean(axis=0), table.std(axis=0) + _TINY
    rows = np.c_[np.ones(len(table)), (table - mean) / deviation]
    weights = np.zeros(rows.shape[1])
    for _ in range(5000):
        share = 1 / (1 + np.exp(-rows @ weights))
        gradient = rows.T @ (labels - share) / len(labels)
        gradient[1:] -= penalty * weights[1:]
        weights = weights + 0.5 * gradient
    plain = weights[1:] / deviation
    return np.r_[weights[0] - plain @ mean, plain]
