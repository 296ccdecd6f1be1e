"""The local embedder: all-MiniLM-L6-v2 on this machine, or the model in a folder, without a key and a network.

The weights are installed once for each user (`weights.py`). The first use builds the graph
and stores it beside them, ready to be mapped into memory; two processes may do that at once, because the file is written
atomically. Loading is lazy: an import of this module, or an instance of `LocalEmbedder`, takes no
time. Promises: a missing or changed file is `EmbedderUnavailable`, never a wrong vector.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread
from loguru import logger

from services.embeddings.weights import (
    CHARACTERS,
    MODEL,
    TOKENIZER,
    WEIGHTS,
    LocalWeights,
)
from use_cases.kernel.fair_limiter import cores
from use_cases.kernel.model import PassageVectors, Vector
from use_cases.knowledge.errors import EmbedderUnavailable

if TYPE_CHECKING:
    import numpy as np
    import tokenizers
    from numpy.typing import NDArray

    from services.embeddings.encoder import EncodedQuestion, Encoder, Session
    from services.embeddings.model_folder import ModelFolder
    from use_cases.knowledge.model import ComparedTokens


T = TypeVar("T")

DIMENSIONS = 384
_LAYERS = 6
_TOKENS = 256  # the length the model was trained and published for
_GROUP = 16  # texts for a thread at a time: some 200 ms of passages, which a stop has to wait for
_AT_ONCE = 2  # questions in work; more would compete for the same processor
_MOST_THREADS = 8
_QUERIES = 256  # the last questions, cached with their token vectors: 3 MB, 13 MB for long ones
_FORMER_GRAPHS = ("graph-1.onnx", "graph-2.onnx")
_GRAPH = "graph-3.ort"  # raise the number when the output of graph.py changes


class LocalEmbedder:
    """The ports `Embedder` and `TokenEmbedder` over onnxruntime; `models` is the folder of the models.

    `folder` has another model than the one that is installed. Passages are embedded on all cores, or on half
    of them where it is `serving` questions meanwhile. Raises `EmbedderUnavailable`.
    """

    def __init__(self, models: Path, folder: Path | None = None, *, serving: bool = False) -> None:
        self._model = MiniLM(models) if folder is None else _in_folder(folder)
        self.id = self._model.id
        self.dimensions = self._model.dimensions
        self.makes_tokens = self._model.pooling == "mean"
        self._lock = threading.Lock()
        self._encoder: Encoder | None = None
        # Separate limiters: no other thread waits for embeddings, and no question for passages.
        self._limiter = anyio.CapacityLimiter(_AT_ONCE)
        threads = min(_MOST_THREADS, max(1, cores() // 2) if serving else cores())
        self._passage_limiter = anyio.CapacityLimiter(threads)
        self._questions: OrderedDict[str, EncodedQuestion] = OrderedDict()

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Returns one unit vector per text. Raises `EmbedderUnavailable`."""
        encoder = await self._loaded()
        return await _in_groups(encoder.encode, texts, self._limiter)

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[PassageVectors]:
        """Returns the vector and the token vectors of each text. Raises `EmbedderUnavailable`."""
        encoder = await self._loaded()
        return await _in_groups(encoder.encode_passages, texts, self._passage_limiter)

    async def embed_query(self, text: str) -> Vector:
        """Returns the unit vector of a question. Raises `EmbedderUnavailable`."""
        return (await self._question(text)).vector

    async def question_words(self, question: str) -> Sequence[str]:
        """Returns the word of each token of a question. Raises `EmbedderUnavailable`."""
        return (await self._question(question)).words

    async def compare_tokens(
        self, question: str, stored: Sequence[bytes]
    ) -> "Sequence[ComparedTokens | None]":
        """Compares the tokens of a question with stored ones. Raises `EmbedderUnavailable`."""
        from services.embeddings.vectors import compare

        return await self._compared(compare, question, stored)

    async def nearest_tokens(
        self, question: str, stored: Sequence[bytes]
    ) -> Sequence[Sequence[float] | None]:
        """Returns the best cosines of such a comparison alone. Raises `EmbedderUnavailable`."""
        from services.embeddings.vectors import nearest

        return await self._compared(nearest, question, stored)

    async def _compared(
        self,
        comparison: "Callable[[NDArray[np.float32], Sequence[bytes]], T]",
        question: str,
        stored: Sequence[bytes],
    ) -> T:
        tokens = (await self._question(question)).tokens.astype("float32")
        return await anyio.to_thread.run_sync(comparison, tokens, stored)

    async def _question(self, text: str) -> "EncodedQuestion":
        text = text[:CHARACTERS]
        # A search embeds it, compares its tokens, and an offline answer from the results does so again.
        encoded = self._questions.pop(text, None)
        if encoded is None:
            encoder = await self._loaded()
            encoded = await anyio.to_thread.run_sync(
                encoder.encode_question, text, limiter=self._limiter
            )
        self._questions[text] = encoded  # at the end, as the one used last
        if len(self._questions) > _QUERIES:
            self._questions.popitem(last=False)
        return encoded

    async def _loaded(self) -> "Encoder":
        return self._encoder or await anyio.to_thread.run_sync(self._load, limiter=self._limiter)

    def _load(self) -> "Encoder":
        # Imported on first use: numpy takes a tenth of a second of start-up.
        from services.embeddings.encoder import Encoder

        with self._lock:
            if self._encoder is None:
                model = self._model
                self._encoder = Encoder(
                    model.tokenizer(), model.encoding(), prefixes=model.prefixes
                )
            return self._encoder


class MiniLM:
    """all-MiniLM-L6-v2, as `candor models install` has stored it."""

    id = f"local:{MODEL}"
    dimensions = DIMENSIONS
    pooling = "mean"
    prefixes = ("", "")

    def __init__(self, models: Path) -> None:
        self._weights = LocalWeights(models)

    def tokenizer(self) -> "tokenizers.Tokenizer":
        """Opens the tokenizer. Raises `EmbedderUnavailable`."""
        # Imported on first use, like numpy and onnxruntime: together they take most of start-up.
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_buffer(self._weights.read(TOKENIZER))
        tokenizer.no_padding()
        tokenizer.enable_truncation(_TOKENS)
        return tokenizer

    def encoding(self) -> "Session":
        """Opens the graph, which is built at the first use. Raises `EmbedderUnavailable`."""
        return _session(self._weights)


def _in_folder(folder: Path) -> "ModelFolder":
    from services.embeddings import model_folder

    return model_folder.ModelFolder(folder)


async def _in_groups(
    encode: Callable[[Sequence[str]], Sequence[T]],
    texts: Sequence[str],
    limiter: anyio.CapacityLimiter,
) -> Sequence[T]:
    """Encodes the texts in as many threads as the limiter has."""
    # Texts of similar length share a group, and so a run of the graph: little is computed on padding.
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    made: dict[int, T] = {}

    async def encode_group(group: Sequence[int]) -> None:
        some = [texts[index] for index in group]
        rows = await anyio.to_thread.run_sync(encode, some, limiter=limiter)
        made.update(zip(group, rows, strict=True))

    async with anyio.create_task_group() as tasks:
        for start in range(0, len(order), _GROUP):
            tasks.start_soon(encode_group, order[start : start + _GROUP])
    return [made[index] for index in range(len(texts))]


def _session(weights: LocalWeights) -> "Session":
    from services.embeddings.encoder import open_session

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

    from services.embeddings.encoder import write_graph
    from services.embeddings.graph import build

    logger.info("building the embedding graph (once for each user)")
    content = build(load(weights.read(WEIGHTS)), layers=_LAYERS)
    try:
        write_graph(content, target)
        for name in _FORMER_GRAPHS:  # 90 MB each
            target.with_name(name).unlink(missing_ok=True)
    except OSError as error:
        raise EmbedderUnavailable(
            f"The embedding graph cannot be written: {error.strerror}.",
            hint=f"Check the permissions and the free space of {target.parent}.",
        ) from error
