"""The local embedder: all-MiniLM-L6-v2 on this machine, without a key and without a network.

The weights are installed once for each user (`weights.py`). The first use builds the ONNX graph
and stores it beside them; two processes may do that at once, because the file is written
atomically. Loading is lazy: an import of this module, or an instance of `LocalEmbedder`, takes no
time. Promises: a missing or changed file is `EmbedderUnavailable`, never a wrong vector.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from loguru import logger

from services.embeddings.runtime import Session, open_session
from services.embeddings.vectors import to_bytes
from services.embeddings.weights import MODEL, TOKENIZER, WEIGHTS, LocalWeights, write_whole
from use_cases.kernel.model import Vector
from use_cases.kernel.text.storable_text import storable
from use_cases.knowledge.errors import EmbedderUnavailable

if TYPE_CHECKING:
    import tokenizers

DIMENSIONS = 384
_LAYERS = 6
_TOKENS = 256  # the length the model was trained and published for
_CHARACTERS = 32_768  # more than 256 tokens ever need; a bound of the work for any text
_BATCH = 8  # measured: larger ones are no faster on two cores, and delay a question longer
_AT_ONCE = 2  # concurrent runs of the graph; more would compete for the same processor
_QUERIES = 256  # cached vectors of the last questions: 0.4 MB
_GRAPH = "graph-1.onnx"  # raise the number when the output of graph.py changes


class LocalEmbedder:
    """The port `Embedder` over onnxruntime; `models` is the folder of the local models."""

    def __init__(self, models: Path) -> None:
        self._weights = LocalWeights(models)
        self._lock = threading.Lock()
        self._encoder: _Encoder | None = None
        # A separate limiter: other threads need not wait for embeddings, nor embeddings for them.
        self._limiter = anyio.CapacityLimiter(_AT_ONCE)
        self._queries: OrderedDict[str, Vector] = OrderedDict()

    @property
    def id(self) -> str:
        """The name of model and variant."""
        return f"local:{MODEL}"

    @property
    def dimensions(self) -> int:
        """The length of its vectors."""
        return DIMENSIONS

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Return one unit vector per text. Raises `EmbedderUnavailable`."""
        if not texts:
            return []
        encoder = await anyio.to_thread.run_sync(self._load, limiter=self._limiter)
        vectors: list[Vector] = [b""] * len(texts)
        # Texts of similar length share a batch, to compute little on padding.
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            rows = await anyio.to_thread.run_sync(
                encoder.encode, [texts[i] for i in batch], limiter=self._limiter
            )
            for index, row in zip(batch, rows, strict=True):
                vectors[index] = row
        return vectors

    async def embed_query(self, text: str) -> Vector:
        """Return the unit vector of a question. Raises `EmbedderUnavailable`."""
        # A search embeds it, and an offline answer from the results does so again.
        text = text[:_CHARACTERS]
        vector = self._queries.pop(text, None)
        if vector is None:
            (vector,) = await self.embed_documents([text])
        self._queries[text] = vector  # at the end, as the one used last
        if len(self._queries) > _QUERIES:
            self._queries.popitem(last=False)
        return vector

    def _load(self) -> "_Encoder":
        with self._lock:
            if self._encoder is None:
                self._encoder = _Encoder(_tokenizer(self._weights), _session(self._weights))
            return self._encoder


class _Encoder:
    """Tokenizer and graph; safe to call from several threads."""

    def __init__(self, tokenizer: "tokenizers.Tokenizer", session: Session) -> None:
        self._tokenizer = tokenizer
        self._session = session

    def encode(self, texts: Sequence[str]) -> Sequence[Vector]:
        import numpy as np

        cut = [storable(text)[:_CHARACTERS] for text in texts]
        encoded = [encoding.ids for encoding in self._tokenizer.encode_batch(cut)]
        longest = max(map(len, encoded))
        ids = np.zeros((len(encoded), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(encoded):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        outputs = self._session.run(["vectors"], {"input_ids": ids, "attention_mask": mask})
        return to_bytes(outputs[0])


def _tokenizer(weights: LocalWeights) -> "tokenizers.Tokenizer":
    # Imported on first use, like numpy and onnxruntime: together they take most of start-up.
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_buffer(weights.read(TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(_TOKENS)
    return tokenizer


def _session(weights: LocalWeights) -> Session:
    graph = weights.folder / _GRAPH
    if graph.is_file():
        session = open_session(graph)
        if session is not None:
            return session
        logger.warning("the cached embedding graph cannot be read and is built again")
    _build(weights, graph)
    session = open_session(graph)
    if session is None:
        raise EmbedderUnavailable("The embedding graph cannot be run on this machine.")
    return session


def _build(weights: LocalWeights, target: Path) -> None:
    from safetensors.numpy import load

    from services.embeddings.graph import build

    logger.info("building the embedding graph (once for each user)")
    content = build(load(weights.read(WEIGHTS)), layers=_LAYERS)
    try:
        write_whole(target, content)
    except OSError as error:
        raise EmbedderUnavailable(
            f"The embedding graph cannot be written: {error.strerror}.",
            hint=f"Check the permissions and the free space of {target.parent}.",
        ) from error
