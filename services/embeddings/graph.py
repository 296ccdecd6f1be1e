"""The MiniLM encoder as an ONNX graph, built from its published weights.

The weights come as safetensors, which onnxruntime cannot run; this module writes the same
computation (BERT: Devlin et al. 2018; mean pooling over the mask and L2 normalisation:
sentence-transformers' `all-MiniLM-L6-v2`) as one graph from token ids to unit vectors. Promises:
the same numbers as the reference within 1e-5 (`tests/services/embeddings`). Leaves to others:
verification of the weights, caching and tokenizing (`local.py`).

Attention is onnxruntime's own fused operator (`com.microsoft.Attention`): the graph is a
cache for that one runtime, not a file for others.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

HEADS = 12
EPSILON = 1e-12
_OPSET = 20  # the first with Gelu
_IR_VERSION = 10

Weights = Mapping[str, NDArray[np.float32]]


def build(weights: Weights, *, layers: int) -> bytes:
    """Return the serialised graph: `input_ids` and `attention_mask` (batch, tokens) to its outputs.

    They are `vectors` (batch, dimensions), and `tokens` (batch, tokens, dimensions), the last states,
    of any length.
    """
    # onnx is imported here: it takes 0.2 s and is needed once per machine, not once per start.
    from onnx import TensorProto, helper

    graph = _Graph(weights)
    graph.embed()
    for layer in range(layers):
        graph.encode(layer, last=layer == layers - 1)
    graph.pool()
    dimensions = str(weights["embeddings.LayerNorm.weight"].shape[0])
    token_shape = ["batch", "tokens"]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "sentence-encoder",
            [
                helper.make_tensor_value_info("input_ids", TensorProto.INT64, token_shape),
                helper.make_tensor_value_info("attention_mask", TensorProto.INT64, token_shape),
            ],
            [
                helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", dimensions]),
                helper.make_tensor_value_info(
                    "tokens", TensorProto.FLOAT, [*token_shape, dimensions]
                ),
            ],
            graph.initializers,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid("com.microsoft", 1)],
    )
    model.ir_version = _IR_VERSION
    return model.SerializeToString()


class _Graph:
    """The nodes and constants in the order of their computation."""

    def __init__(self, weights: Weights) -> None:
        from onnx import NodeProto, TensorProto

        self._weights = weights
        self.nodes: list[NodeProto] = []
        self.initializers: list[TensorProto] = []
        self._hidden = ""

    def embed(self) -> None:
        """Add word, position and segment embeddings, summed and normalised; and the mask."""
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
        self._node("Cast", ["attention_mask"], "attended", to=6)  # int32, as the operator requires

    def encode(self, layer: int, *, last: bool) -> None:
        """Add self-attention and the feed-forward part of one layer, each with its residual.

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
        """Add the mean of the attended tokens, at unit length."""
        axis = self._constant("axis1", np.array([1]))
        last = self._constant("axis2", np.array([2]))
        mask = self._node("Cast", ["attention_mask"], "mask", to=1)
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
        from onnx import numpy_helper

        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _node(
        self, kind: str, inputs: Sequence[str], output: str, domain: str = "", **attributes: float
    ) -> str:
        from onnx import helper

        self.nodes.append(
            helper.make_node(kind, list(inputs), [output], None, None, domain, None, **attributes)
        )
        return output
