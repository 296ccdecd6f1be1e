"""Fits the offline answerer's two linear models by plain gradient ascent, with an L2 penalty."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def fit_ranking(
    groups: Sequence[tuple[FloatArray, NDArray[np.bool_]]], *, penalty: float = 0.02
) -> FloatArray:
    """Weights for which the marked rows of each group get the most of a softmax over its rows."""
    weights = np.zeros(groups[0][0].shape[1])
    momentum = np.zeros_like(weights)
    for _ in range(3000):
        gradient = np.zeros_like(weights)
        for table, marked in groups:
            scores = table @ weights
            share = np.exp(scores - scores.max())
            share /= share.sum()
            wanted = share * marked
            gradient += table.T @ (wanted / wanted.sum() - share)
        momentum = 0.9 * momentum + gradient / len(groups) - penalty * weights
        weights = weights + 0.05 * momentum
    return weights


def fit_logistic(table: FloatArray, labels: FloatArray, *, penalty: float = 0.1) -> FloatArray:
    """Bias and weights (in the features' own units) of a logistic regression on standardised features."""
    mean, deviation = table.mean(axis=0), table.std(axis=0) + 1e-9
    rows = np.c_[np.ones(len(table)), (table - mean) / deviation]
    weights = np.zeros(rows.shape[1])
    for _ in range(5000):
        share = 1 / (1 + np.exp(-rows @ weights))
        gradient = rows.T @ (labels - share) / len(labels)
        gradient[1:] -= penalty * weights[1:]
        weights = weights + 0.5 * gradient
    plain = weights[1:] / deviation
    return np.r_[weights[0] - plain @ mean, plain]
