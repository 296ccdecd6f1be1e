"""Small models in folders, in the layout that exporters of ONNX write.

Each word has a vector of its own, so that scores are known: texts with the same words are near each other.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.embeddings.graph import field, tensor_value

WORDS = str.split(
    "[PAD] [UNK] [CLS] [SEP] query : passage how often must passwords be changed are every 90 days "
    "a password has at least 14 characters the canteen opens noon . ?"
)
_TOKENIZER: Mapping[str, object] = {
    "version": "1.0",
    "added_tokens": [],
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
    "model": {
        "type": "WordLevel",
        "vocab": {word: number for number, word in enumerate(WORDS)},
        "unk_token": "[UNK]",
    },
}
_FLOAT, _INT64 = 1, 7


def embedder(
    folder: Path,
    *,
    dimensions: int = 24,
    graph: str = "model.onnx",
    inputs: Sequence[str] = ("input_ids", "attention_mask", "token_type_ids"),
    output: str = "last_hidden_state",
    described: Mapping[str, object] | None = None,
) -> Path:
    """A folder whose states of tokens are the vectors of their words."""
    table = np.random.default_rng(7).normal(size=(len(WORDS), dimensions)).astype(np.float32)
    table[: WORDS.index("how")] *= 0.05  # markers and prefixes say little
    node = _node("Gather", ["table", "input_ids"], output)
    shape = ["batch", "tokens", str(dimensions)]
    _write(
        folder, graph, [node], [_table("table", table)], inputs, tensor_value(output, _FLOAT, shape)
    )
    config = {"hidden_size": dimensions, "max_position_embeddings": 64}
    return _describe(folder, {"config.json": config, **(described or {})})


def cross_encoder(folder: Path) -> Path:
    """A folder whose score counts the words that speak for a text."""
    weights = np.full((len(WORDS), 1), -0.1, dtype=np.float32)
    for word, weight in (("90", 2.0), ("days", 1.0), ("password", 0.5), ("canteen", -2.0)):
        weights[WORDS.index(word)] = weight
    nodes = [
        _node("Gather", ["table", "input_ids"], "each"),
        _node("ReduceSum", ["each", "axis"], "logits", keepdims=0),
    ]
    constants = [_table("table", weights), _table("axis", np.array([1], dtype=np.int64))]
    inputs = ("input_ids", "attention_mask", "token_type_ids")
    _write(
        folder,
        "model.onnx",
        nodes,
        constants,
        inputs,
        tensor_value("logits", _FLOAT, ["batch", "1"]),
    )
    return _describe(folder, {"config.json": {"hidden_size": 8, "max_position_embeddings": 64}})


def _describe(folder: Path, described: Mapping[str, object]) -> Path:
    for name, content in described.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content))
    (folder / "tokenizer.json").write_text(json.dumps(_TOKENIZER))
    return folder


def _write(
    folder: Path,
    name: str,
    nodes: Sequence[bytes],
    constants: Sequence[bytes],
    inputs: Sequence[str],
    output: bytes,
) -> None:
    graph = b"".join(
        [
            *(field(1, node) for node in nodes),
            field(2, "small"),
            *(field(5, one) for one in constants),
            *(field(11, tensor_value(each, _INT64, ["batch", "tokens"])) for each in inputs),
            field(12, output),
        ]
    )
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    versions = field(8, field(1, "") + field(2, 17))
    (folder / name).write_bytes(field(1, 8) + versions + field(7, graph))


def _node(kind: str, inputs: Sequence[str], output: str, **numbers: int) -> bytes:
    attributes = [
        field(5, field(1, name) + field(3, value) + field(20, 2)) for name, value in numbers.items()
    ]
    named = [field(1, each) for each in inputs]
    return b"".join([*named, field(2, output), field(4, kind), *attributes])


def _table(name: str, value: NDArray[np.float32] | NDArray[np.int64]) -> bytes:
    kind = _FLOAT if value.dtype == np.float32 else _INT64
    shape = [field(1, size) for size in value.shape]
    return b"".join([*shape, field(2, kind), field(8, name), field(9, value.tobytes())])
