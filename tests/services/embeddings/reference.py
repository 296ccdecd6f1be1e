"""The same model in plain numpy, written from the papers: the reference the graph is compared with.

It shares nothing with `services/embeddings/graph.py` but the weights: no fused attention, no
joined projections, one text at a time, the error function from the standard library.
"""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from backend.settings.settings import Settings
from services.embeddings.weights import LocalWeights

Array = NDArray[np.float64]
HEADS = 12


def installed() -> LocalWeights:
    """The weights that `make setup` has installed."""
    return LocalWeights(Settings().models_path)


def weights() -> Mapping[str, Array]:
    """All weights, in double precision."""
    stored = load(installed().read("model.safetensors"))
    return {name: value.astype(np.float64) for name, value in stored.items()}


def embed(tokens: list[int], weights: Mapping[str, Array]) -> Array:
    """The unit vector of one text's token ids."""
    hidden = (
        weights["embeddings.word_embeddings.weight"][tokens]
        + weights["embeddings.position_embeddings.weight"][: len(tokens)]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    hidden = _norm(hidden, weights, "embeddings.LayerNorm")
    for layer in range(6):
        at = f"encoder.layer.{layer}"
        attended = _dense(_attend(hidden, weights, at), weights, f"{at}.attention.output.dense")
        hidden = _norm(hidden + attended, weights, f"{at}.attention.output.LayerNorm")
        wide = _dense(hidden, weights, f"{at}.intermediate.dense")
        wide = wide * 0.5 * (1 + _erf(wide / math.sqrt(2)))
        hidden = _norm(
            hidden + _dense(wide, weights, f"{at}.output.dense"), weights, f"{at}.output.LayerNorm"
        )
    mean = hidden.mean(axis=0)
    return mean / np.linalg.norm(mean)


def _attend(hidden: Array, weights: Mapping[str, Array], at: str) -> Array:
    length, size = hidden.shape
    width = size // HEADS
    query, key, value = (
        _dense(hidden, weights, f"{at}.attention.self.{part}").reshape(length, HEADS, width)
        for part in ("query", "key", "value")
    )
    heads: list[Array] = []
    for head in range(HEADS):
        scores = query[:, head] @ key[:, head].T / math.sqrt(width)
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        heads.append(shares / shares.sum(axis=1, keepdims=True) @ value[:, head])
    return np.concatenate(heads, axis=1)


def _dense(rows: Array, weights: Mapping[str, Array], name: str) -> Array:
    return rows @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def _norm(rows: Array, weights: Mapping[str, Array], name: str) -> Array:
    centred = rows - rows.mean(axis=1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-12)
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def _erf(rows: Array) -> Array:
    return np.fromiter(map(math.erf, rows.flat), np.float64, rows.size).reshape(rows.shape)
