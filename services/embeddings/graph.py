"""The MiniLM encoder as an ONNX graph, built from its published weights.

The weights come as safetensors, which onnxruntime cannot run; this module writes the same
computation (BERT: Devlin et al. 2018; mean pooling over the mask and L2 normalisation:
sentence-transformers' `all-MiniLM-L6-v2`) as one graph from token ids to unit vectors. Promises:
the same numbers as the reference within 1e-5 (`tests/services/embeddings`). Leaves to others:
verification of the weights, caching and tokenizing (`local.py`).

Attention is onnxruntime's own fused operator (`com.microsoft.Attention`): the graph is a
cache for that one runtime, not a file for others. It is written field by field, as `onnx.proto` of
version 1.19 numbers them: the package `onnx` would be 33 MB for these few messages.
"""

import struct
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

HEADS = 12
EPSILON = 1e-12
_OPSET = 20  # the first with Gelu
_IR_VERSION = 10
_FLOAT, _INT32, _INT64 = 1, 6, 7  # of TensorProto.DataType

Weights = Mapping[str, NDArray[np.float32]]


def build(weights: Weights, *, layers: int) -> bytes:
    """Returns the serialised graph: `input_ids` and `attention_mask` (batch, tokens) to its outputs.

    They are `vectors` (batch, dimensions), and `tokens` (batch, tokens, dimensions), the last states,
    of any length.
    """
    graph = _Graph(weights)
    graph.embed()
    for layer in range(layers):
        graph.encode(layer, last=layer == layers - 1)
    graph.pool()
    dimensions = str(weights["embeddings.LayerNorm.weight"].shape[0])
    return b"".join(
        [
            field(1, _IR_VERSION),
            *(
                field(8, field(1, domain) + field(2, version))
                for domain, version in (("", _OPSET), ("com.microsoft", 1))
            ),
            field(
                7,
                b"".join(
                    [
                        *(field(1, node) for node in graph.nodes),
                        field(2, "sentence-encoder"),
                        *(field(5, constant) for constant in graph.constants),
                        field(11, tensor_value("input_ids", _INT64, ["batch", "tokens"])),
                        field(11, tensor_value("attention_mask", _INT64, ["batch", "tokens"])),
                        field(12, tensor_value("vectors", _FLOAT, ["batch", dimensions])),
                        field(12, tensor_value("tokens", _FLOAT, ["batch", "tokens", dimensions])),
                    ]
                ),
            ),
        ]
    )


class _Graph:
    """The nodes and constants in the order of their computation."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self.nodes: list[bytes] = []
        self.constants: list[bytes] = []
        self._hidden = ""

    def embed(self) -> None:
        """Adds word, position and segment embeddings, summed and normalised; and the mask."""
        words = self._constant("words", self._weights["embeddings.word_embeddings.weight"])
        # Candor embeds one segment at a time, so the first segment's vector is part of the position.
        positions = self._constant(
            "positions",
            self._weights["embeddings.position_embeddings.weight"]
            + self._weights["embeddings.token_type_embeddings.weight"][0],
        )
        word = self._node("Gather", [words, "input_ids"], "word")
        length = self._node("Shape", ["input_ids"], "length", start=1, end=2)
        first = self._constant("first", np.array([0]))
        position = self._node("Slice", [positions, first, length], "position")
        summed = self._node("Add", [word, position], "summed")
        self._hidden = self._norm(summed, "embeddings.LayerNorm", "embedded")
        self._node("Cast", ["attention_mask"], "attended", to=_INT32)  # as Attention requires

    def encode(self, layer: int, *, last: bool) -> None:
        """Adds self-attention and the feed-forward part of one layer, each with its residual.

        The output of the last layer is called `tokens`.
        """
        at = f"encoder.layer.{layer}"
        parts = [f"{at}.attention.self.{part}" for part in ("query", "key", "value")]
        projection = np.concatenate([self._weights[f"{part}.weight"].T for part in parts], axis=1)
        bias = np.concatenate([self._weights[f"{part}.bias"] for part in parts])
        heads = self._node(
            "Attention",
            [
                self._hidden,
                self._constant(f"{at}.qkv", projection),
                self._constant(f"{at}.qkv.bias", bias),
                "attended",
            ],
            f"{at}.heads",
            domain="com.microsoft",
            num_heads=HEADS,
        )
        mixed = self._dense(heads, f"{at}.attention.output.dense")
        mixed = self._node("Add", [mixed, self._hidden], f"{at}.residual")
        mixed = self._norm(mixed, f"{at}.attention.output.LayerNorm", f"{at}.mixed")
        wide = self._dense(mixed, f"{at}.intermediate.dense")
        wide = self._node("Gelu", [wide], f"{at}.gelu")  # the exact one, by the error function
        narrow = self._dense(wide, f"{at}.output.dense")
        narrow = self._node("Add", [narrow, mixed], f"{at}.output.residual")
        self._hidden = self._norm(
            narrow, f"{at}.output.LayerNorm", "tokens" if last else f"{at}.out"
        )

    def pool(self) -> None:
        """Adds the mean of the attended tokens, at unit length."""
        axis = self._constant("axis1", np.array([1]))
        last = self._constant("axis2", np.array([2]))
        mask = self._node("Cast", ["attention_mask"], "mask", to=_FLOAT)
        column = self._node("Unsqueeze", [mask, last], "mask.column")
        kept = self._node("Mul", [self._hidden, column], "kept")
        total = self._node("ReduceSum", [kept, axis], "total", keepdims=0)
        # The mean's divisor is left out: normalisation cancels every positive factor.
        self._node("LpNormalization", [total], "vectors", axis=1, p=2)

    def _dense(self, source: str, name: str) -> str:
        weight = self._constant(f"{name}.weight", self._weights[f"{name}.weight"].T)
        bias = self._constant(f"{name}.bias", self._weights[f"{name}.bias"])
        product = self._node("MatMul", [source, weight], f"{name}.product")
        return self._node("Add", [product, bias], f"{name}.sum")

    def _norm(self, source: str, name: str, target: str) -> str:
        scale = self._constant(f"{name}.weight", self._weights[f"{name}.weight"])
        bias = self._constant(f"{name}.bias", self._weights[f"{name}.bias"])
        return self._node(
            "LayerNormalization", [source, scale, bias], target, axis=-1, epsilon=EPSILON
        )

    def _constant(self, name: str, value: NDArray[np.float32] | NDArray[np.int64]) -> str:
        kind = _FLOAT if value.dtype == np.float32 else _INT64
        shape = (field(1, size) for size in value.shape)
        self.constants.append(
            b"".join([*shape, field(2, kind), field(8, name), field(9, value.tobytes())])
        )
        return name

    def _node(
        self,
        kind: str,
        inputs: Sequence[str],
        output: str,
        domain: str = "",
        **attributes: int | float,
    ) -> str:
        fields = [*(field(1, name) for name in inputs), field(2, output), field(4, kind)]
        for name, value in attributes.items():
            number, type_ = (2, 1) if isinstance(value, float) else (3, 2)
            attribute = field(1, name) + field(number, value) + field(20, type_)
            fields.append(field(5, attribute))
        self.nodes.append(b"".join([*fields, field(7, domain)]))
        return output


def tensor_value(name: str, kind: int, shape: Sequence[str]) -> bytes:
    """Returns an input or output with the names of its dimensions."""
    tensor = field(1, kind) + field(2, b"".join(field(1, field(2, size)) for size in shape))
    return field(1, name) + field(2, field(1, tensor))


def field(number: int, value: int | float | str | bytes) -> bytes:
    """Returns a field of a message of Protocol Buffers."""
    match value:
        case int():
            return _varint(number << 3) + _varint(value % 2**64)
        case float():
            return _varint(number << 3 | 5) + struct.pack("<f", value)
        case _:
            content = value.encode() if isinstance(value, str) else value
            return b"".join([_varint(number << 3 | 2), _varint(len(content)), content])


def _varint(value: int) -> bytes:
    """Returns a number, seven bits a byte, the least first."""
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])
