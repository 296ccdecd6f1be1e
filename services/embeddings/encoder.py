"""The encoder of all-MiniLM-L6-v2: texts to vectors over onnxruntime, with numpy loaded.

From 1.29 on, onnxruntime's own builds report sessions and models to their vendor, and write a
device id and a queue of events into the user's cache folder (docs/Privacy.md in its repository).
Promises: none of this happens, whatever the environment; an encoder may be called from several
threads; a text's vector does not depend on whether its token vectors are asked for.
"""

import errno
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

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

    def encode(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Returns the unit vector of each text."""
        made: dict[int, Vector] = {}
        for places, _, outputs in self._runs(texts, ["vectors"]):
            made.update(zip(places, to_bytes(outputs[0]), strict=True))
        return [made[place] for place in range(len(texts))]

    def encode_passages(self, texts: Sequence[str]) -> Sequence[PassageVectors]:
        """Returns the unit vector and the stored form of the token vectors of each text."""
        made: dict[int, PassageVectors] = {}
        for places, encoded, (vectors, states) in self._runs(texts, ["vectors", "tokens"]):
            for row, vector in enumerate(to_bytes(vectors)):
                kept = np.flatnonzero(self._kept[encoded[row].ids])
                offsets = encoded[row].offsets
                tokens = pack_tokens(states[row, kept], [offsets[place] for place in kept])
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
        text = storable(text)[:CHARACTERS]
        ((_, (encoding,), (vectors, states)),) = self._runs([text], ["vectors", "tokens"])
        # One question needs a few tokens; the table of all takes as long as its vectors.
        kept = np.flatnonzero([_is_kept(token) for token in encoding.tokens])
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
        """Yields the places, encodings and outputs of texts that shared a run of the graph."""
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
    special = token.startswith("[") and len(token) > 1
    return any(map(str.isalnum, token)) and not special and token not in FUNCTION_WORDS


def _word(encoding: "Encoding", place: int, text: str) -> str:
    word = encoding.token_to_word(place)
    found = None if word is None else encoding.word_to_chars(word)
    return "" if found is None else text[slice(*found)]
