"""The encoder: texts to vectors over onnxruntime, with numpy loaded.

From 1.29 on, onnxruntime's own builds report sessions and models to their vendor, and write a
device id and a queue of events into the user's cache folder (docs/Privacy.md in its repository).
Promises: none of this happens, whatever the environment; an encoder may be called from several
threads; a text's vector does not depend on whether its token vectors are asked for.
"""

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from services.embeddings.vectors import pack_tokens, to_bytes
from services.embeddings.weights import CHARACTERS
from use_cases.kernel.model import PassageVectors, Vector
from use_cases.kernel.text.plain_text import storable
from use_cases.kernel.text.words import FUNCTION_WORDS

if TYPE_CHECKING:
    import onnxruntime
    from tokenizers import Encoding, Tokenizer

Session: TypeAlias = "onnxruntime.InferenceSession"
"""A loaded graph."""


def open_session(graph: Path) -> "Session | None":
    """Opens a session on the processor; None when the file is no valid graph."""
    options = _options()
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as states

    # Optimised when it was written; the weights stay where the file is mapped into memory. Loading takes
    # a tenth of the processor's time then, and several processes share them.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    for entry in ("use_memory_mapped_ort_model", "use_ort_model_bytes_for_initializers"):
        options.add_session_config_entry(f"session.{entry}", "1")
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except (states.Fail, states.InvalidProtobuf, states.InvalidGraph, states.NoSuchFile):
        return None


def open_exported(graph: Path) -> "Session | None":
    """Opens a session of a graph as its exporter wrote it; None when the file is no valid graph."""
    options = _options()
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as states

    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except (
        states.Fail,
        states.InvalidProtobuf,
        states.InvalidGraph,
        states.NoSuchFile,
        states.NotImplemented,
    ):
        return None


def write_graph(model: bytes, target: Path) -> None:
    """Optimises an ONNX model and writes it atomically, in the form that is mapped. Raises `OSError`."""
    options = _options()
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as states

    # No more than this: what the next level does depends on the processor.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.add_session_config_entry("session.save_model_format", "ORT")
    with TemporaryDirectory(dir=target.parent) as folder:
        written = Path(folder) / target.name
        options.optimized_model_filepath = str(written)
        try:
            onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except states.Fail as error:
            raise OSError(errno.EIO, "onnxruntime could not write it") from error
        written.replace(target)


def _options() -> "onnxruntime.SessionOptions":
    # Before the import, because the library reads the variable once.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # Windows builds do not read the variable
    options = onnxruntime.SessionOptions()
    # A run stays in its thread: several runs at once use the cores better than several threads in one.
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return options


_RUN_TOKENS = 256  # measured: the states of more leave the processor's cache; fewer cost calls
_SPACE = "\u2581"  # that of SentencePiece, before the first piece of a word
_QUESTION_TOKENS = 64  # of a longer question the first ones: a pasted page is one, too


@dataclass(frozen=True, slots=True)
class EncodedQuestion:
    """A question's vector, and its kept tokens: unit vectors by row, and the word of each."""

    vector: Vector
    tokens: NDArray[np.float16]
    words: Sequence[str]


class Graph(Protocol):
    """A session with the outputs `vectors` (texts, dimensions) and `tokens` (texts, tokens, dimensions)."""

    def run(
        self, output_names: Sequence[str], input_feed: Mapping[str, NDArray[np.int64]], /
    ) -> Sequence[NDArray[np.float32]]:
        """Returns the outputs of these names, in this order."""
        ...


class Encoder:
    """A loaded model. Its texts begin with `prefixes`: one for questions, one for passages."""

    def __init__(
        self, tokenizer: "Tokenizer", session: Graph, *, prefixes: tuple[str, str] = ("", "")
    ) -> None:
        self._tokenizer = tokenizer
        self._session = session
        self._question, self._passage = prefixes

    def encode(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Returns the unit vector of each text."""
        made: dict[int, Vector] = {}
        for places, _, outputs in self._runs(texts, ["vectors"], self._passage):
            made.update(zip(places, to_bytes(outputs[0]), strict=True))
        return [made[place] for place in range(len(texts))]

    def encode_passages(self, texts: Sequence[str]) -> Sequence[PassageVectors]:
        """Returns the unit vector and the stored form of the token vectors of each text."""
        made: dict[int, PassageVectors] = {}
        begin = len(self._passage)
        outputs = ["vectors", "tokens"]
        for places, encoded, (vectors, states) in self._runs(texts, outputs, self._passage):
            for row, vector in enumerate(to_bytes(vectors)):
                found = [(start - begin, end - begin) for start, end in encoded[row].offsets]
                kept = np.flatnonzero(self._kept[encoded[row].ids])
                kept = [int(place) for place in kept if found[place][0] >= 0]
                tokens = pack_tokens(states[row, kept], [found[place] for place in kept])
                made[places[row]] = PassageVectors(vector, tokens)
        return [made[place] for place in range(len(texts))]

    @cached_property
    def _kept(self) -> NDArray[np.bool_]:
        """Whether the vectors of a token are kept, by its id."""
        vocabulary = self._tokenizer.get_vocab()
        kept = np.zeros(max(vocabulary.values()) + 1, dtype=np.bool_)
        for token, number in vocabulary.items():
            kept[number] = _is_kept(token)
        return kept

    def encode_question(self, text: str) -> EncodedQuestion:
        """Returns a question's vector and its token vectors."""
        outputs = ["vectors", "tokens"]
        ((_, (encoding,), (vectors, states)),) = self._runs([text], outputs, self._question)
        text = self._question + storable(text)
        asked = np.array([start >= len(self._question) for start, _ in encoding.offsets])
        # One question needs a few tokens; the table of all takes as long as its vectors.
        kept = np.flatnonzero(asked & [_is_kept(token) for token in encoding.tokens])
        if not len(kept):  # function words alone
            kept = np.flatnonzero(asked & (np.array(encoding.special_tokens_mask) == 0))
        kept = kept[:_QUESTION_TOKENS]
        rows = states[0, kept]
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        (vector,) = to_bytes(vectors)
        words = [_word(encoding, int(place), text) for place in kept]
        return EncodedQuestion(vector, (rows / lengths).astype(np.float16), words)

    def _runs(
        self, texts: Sequence[str], names: Sequence[str], prefix: str
    ) -> "Iterator[tuple[Sequence[int], Sequence[Encoding], Sequence[NDArray[np.float32]]]]":
        """Yields the places, encodings and outputs of texts that shared a run of the graph."""
        cut = [prefix + storable(text)[:CHARACTERS] for text in texts]
        encoded = self._tokenizer.encode_batch(cut)
        for places in _batches([len(encoding.ids) for encoding in encoded]):
            some = [encoded[place] for place in places]
            inputs = {
                "input_ids": padded([one.ids for one in some]),
                "attention_mask": padded([[1] * len(one.ids) for one in some]),
            }
            yield places, some, self._session.run(names, inputs)


def padded(rows: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """Returns the rows as one array, the shorter ones filled with 0."""
    array = np.zeros((len(rows), max(map(len, rows), default=0)), dtype=np.int64)
    for row, numbers in enumerate(rows):
        array[row, : len(numbers)] = numbers
    return array


def _batches(lengths: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yields the places of texts that share a run, by their numbers of tokens, the longest last."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[place] > _RUN_TOKENS:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _is_kept(token: str) -> bool:
    """Returns whether a token's vectors are kept: it is neither punctuation nor a function word."""
    special = token.startswith(("[", "<")) and len(token) > 1
    word = token.removeprefix(_SPACE).lower()
    return any(map(str.isalnum, word)) and not special and word not in FUNCTION_WORDS


def _word(encoding: "Encoding", place: int, text: str) -> str:
    word = encoding.token_to_word(place)
    found = None if word is None else encoding.word_to_chars(word)
    return "" if found is None else text[slice(*found)].strip()
