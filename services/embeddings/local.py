"""The local embedder: all-MiniLM-L6-v2 on this machine, without a key and without a network.

From 1.29 on, onnxruntime's own builds report sessions and models to their vendor, and write a
device id and a queue of events into the user's cache folder (docs/Privacy.md in its repository).
Promises: none of this happens, whatever the environment. Leaves to others: the graph and its results
(`local.py`).

Promises: safe to call from several threads; a text's vector does not depend on whether its token
vectors are asked for. Leaves to others: where the files are, batches, threads (`local.py`).

The weights are installed once for each user (`weights.py`). The first use builds the ONNX graph
and stores it beside them; two processes may do that at once, because the file is written
atomically. Loading is lazy: an import of this module, or an instance of `LocalEmbedder`, takes no
time. Promises: a missing or changed file is `EmbedderUnavailable`, never a wrong vector.
"""

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import anyio
import anyio.to_thread
import numpy as np
from loguru import logger
from numpy.typing import NDArray

from services.embeddings.vectors import CHARACTERS, pack_tokens, to_bytes
from services.embeddings.weights import MODEL, TOKENIZER, WEIGHTS, LocalWeights, write_whole
from use_cases.kernel.model import PassageVectors, Vector
from use_cases.kernel.text.storable_text import storable
from use_cases.kernel.text.words import FUNCTION_WORDS
from use_cases.knowledge.errors import EmbedderUnavailable
from use_cases.knowledge.model import TokenComparison

if TYPE_CHECKING:
    import onnxruntime
if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer
if TYPE_CHECKING:
    import tokenizers

    from services.embeddings.local import EncodedQuestion, Encoder


Session: TypeAlias = "onnxruntime.InferenceSession"
"""A loaded graph."""


def open_session(graph: Path) -> "Session | None":
    """Open a session on the processor; None when the file is no valid graph."""
    # Before the import, because the library reads the variable once.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as states

    onnxruntime.disable_telemetry_events()  # Windows builds do not read the variable
    options = onnxruntime.SessionOptions()
    # A run stays in its thread: several runs at once use the cores better than several threads in one.
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except (states.Fail, states.InvalidProtobuf, states.InvalidGraph, states.NoSuchFile):
        return None


_RUN_TOKENS = 256  # measured: the states of more leave the processor's cache; fewer cost calls
_QUESTION_TOKENS = 64  # of a longer question the first ones: a pasted page is one, too


@dataclass(frozen=True, slots=True)
class EncodedQuestion:
    """A question's vector, and its kept tokens: unit vectors by row, and the word of each."""

    vector: Vector
    tokens: NDArray[np.float16]
    words: Sequence[str]


class Encoder:
    """A loaded model."""

    def __init__(self, tokenizer: "Tokenizer", session: Session) -> None:
        self._tokenizer = tokenizer
        self._session = session
        self._kept = _kept(tokenizer)

    def encode(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Return the unit vector of each text."""
        made: dict[int, Vector] = {}
        for places, _, outputs in self._runs(texts, ["vectors"]):
            made.update(zip(places, to_bytes(outputs[0]), strict=True))
        return [made[place] for place in range(len(texts))]

    def encode_passages(self, texts: Sequence[str]) -> Sequence[PassageVectors]:
        """Return the unit vector and the stored form of the token vectors of each text."""
        made: dict[int, PassageVectors] = {}
        for places, encoded, (vectors, states) in self._runs(texts, ["vectors", "tokens"]):
            for row, vector in enumerate(to_bytes(vectors)):
                kept = np.flatnonzero(self._kept[encoded[row].ids])
                offsets = encoded[row].offsets
                tokens = pack_tokens(states[row, kept], [offsets[place] for place in kept])
                made[places[row]] = PassageVectors(vector, tokens)
        return [made[place] for place in range(len(texts))]

    def encode_question(self, text: str) -> EncodedQuestion:
        """Return a question's vector and its token vectors."""
        text = storable(text)[:CHARACTERS]
        ((_, (encoding,), (vectors, states)),) = self._runs([text], ["vectors", "tokens"])
        kept = np.flatnonzero(self._kept[encoding.ids])
        if not len(kept):  # function words alone
            kept = np.flatnonzero(np.array(encoding.special_tokens_mask) == 0)
        kept = kept[:_QUESTION_TOKENS]
        rows = states[0, kept]
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        (vector,) = to_bytes(vectors)
        words = [_word(encoding, int(place), text) for place in kept]
        return EncodedQuestion(vector, (rows / lengths).astype(np.float16), words)

    def _runs(
        self, texts: Sequence[str], names: list[str]
    ) -> "Iterator[tuple[Sequence[int], Sequence[Encoding], Sequence[NDArray[np.float32]]]]":
        """Yield the places, encodings and outputs of texts that shared a run of the graph."""
        cut = [storable(text)[:CHARACTERS] for text in texts]
        encoded = self._tokenizer.encode_batch(cut)
        for places in _batches([len(encoding.ids) for encoding in encoded]):
            some = [encoded[place] for place in places]
            ids = np.zeros((len(some), len(some[-1].ids)), dtype=np.int64)
            mask = np.zeros_like(ids)
            for row, encoding in enumerate(some):
                ids[row, : len(encoding.ids)] = encoding.ids
                mask[row, : len(encoding.ids)] = 1
            inputs = {"input_ids": ids, "attention_mask": mask}
            yield places, some, self._session.run(names, inputs)


def _batches(lengths: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield the places of texts that share a run, by their numbers of tokens, the longest last."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[place] > _RUN_TOKENS:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _kept(tokenizer: "Tokenizer") -> NDArray[np.bool_]:
    """Return for each token id whether its vectors are kept: neither punctuation nor function words."""
    vocabulary = tokenizer.get_vocab()
    kept = np.zeros(max(vocabulary.values()) + 1, dtype=np.bool_)
    for token, number in vocabulary.items():
        special = token.startswith("[") and len(token) > 1
        kept[number] = any(map(str.isalnum, token)) and not special and token not in FUNCTION_WORDS
    return kept


def _word(encoding: "Encoding", place: int, text: str) -> str:
    word = encoding.token_to_word(place)
    found = None if word is None else encoding.word_to_chars(word)
    return "" if found is None else text[slice(*found)]


T = TypeVar("T")

DIMENSIONS = 384
_LAYERS = 6
_TOKENS = 256  # the length the model was trained and published for
_GROUP = 16  # texts for a thread at a time: some 200 ms of passages, which a stop has to wait for
_AT_ONCE = 2  # questions in work; more would compete for the same processor
_MOST_THREADS = 8
_QUERIES = 256  # the last questions, cached with their token vectors: 3 MB, 13 MB for long ones
_FORMER_GRAPHS = ("graph-1.onnx",)
_GRAPH = "graph-2.onnx"  # raise the number when the output of graph.py changes


class LocalEmbedder:
    """The ports `Embedder` and `TokenEmbedder` over onnxruntime; `models` is the folder of the models.

    Passages are embedded on all cores, or on half of them where it is `serving` questions meanwhile.
    """

    def __init__(self, models: Path, *, serving: bool = False) -> None:
        self._weights = LocalWeights(models)
        self._lock = threading.Lock()
        self._encoder: Encoder | None = None
        # Separate limiters: no other thread waits for embeddings, and no question for passages.
        self._limiter = anyio.CapacityLimiter(_AT_ONCE)
        cores = len(os.sched_getaffinity(0))
        threads = min(_MOST_THREADS, max(1, cores // 2) if serving else cores)
        self._passage_limiter = anyio.CapacityLimiter(threads)
        self._questions: OrderedDict[str, EncodedQuestion] = OrderedDict()

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
        encoder = await self._loaded()
        return await _in_groups(encoder.encode, texts, self._limiter)

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[PassageVectors]:
        """Return the vector and the token vectors of each text. Raises `EmbedderUnavailable`."""
        encoder = await self._loaded()
        return await _in_groups(encoder.encode_passages, texts, self._passage_limiter)

    async def embed_query(self, text: str) -> Vector:
        """Return the unit vector of a question. Raises `EmbedderUnavailable`."""
        return (await self._question(text)).vector

    async def compare_tokens(self, question: str, stored: Sequence[bytes]) -> TokenComparison:
        """Compare the tokens of a question with stored ones. Raises `EmbedderUnavailable`."""
        from services.embeddings.vectors import compare

        encoded = await self._question(question)
        compared = await anyio.to_thread.run_sync(compare, encoded.tokens.astype("float32"), stored)
        return TokenComparison(encoded.words, compared)

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
        return await anyio.to_thread.run_sync(self._load, limiter=self._limiter)

    def _load(self) -> "Encoder":
        # Imported on first use: numpy takes a tenth of a second of start-up.
        from services.embeddings.local import Encoder

        with self._lock:
            if self._encoder is None:
                self._encoder = Encoder(_tokenizer(self._weights), _session(self._weights))
            return self._encoder


async def _in_groups(
    encode: Callable[[Sequence[str]], Sequence[T]],
    texts: Sequence[str],
    limiter: anyio.CapacityLimiter,
) -> Sequence[T]:
    """Encode the texts in as many threads as the limiter has."""
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
        for name in _FORMER_GRAPHS:  # 90 MB each
            target.with_name(name).unlink(missing_ok=True)
    except OSError as error:
        raise EmbedderUnavailable(
            f"The embedding graph cannot be written: {error.strerror}.",
            hint=f"Check the permissions and the free space of {target.parent}.",
        ) from error
