"""The tokenizer and the graph of the local model together: from texts to vectors and token vectors.

Promises: safe to call from several threads; a text's vector does not depend on whether its token
vectors are asked for. Leaves to others: where the files are, batches, threads (`local.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from services.embeddings.runtime import Session
from services.embeddings.token_signs import pack_tokens
from services.embeddings.vectors import CHARACTERS, to_bytes
from use_cases.kernel.model import PassageVectors, Vector
from use_cases.kernel.text.storable_text import storable
from use_cases.kernel.text.words import FUNCTION_WORDS

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

_QUESTION_TOKENS = 64  # of a longer question the first ones: a pasted page is one, too


@dataclass(frozen=True, slots=True)
class EncodedQuestion:
    """A question's vector, and its kept tokens: unit vectors by row, and the word of each."""

    vector: Vector
    tokens: NDArray[np.float16]
    words: Sequence[str]


class Encoder:
    """One loaded model."""

    def __init__(self, tokenizer: "Tokenizer", session: Session) -> None:
        self._tokenizer = tokenizer
        self._session = session
        self._kept = _kept(tokenizer)

    def encode(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Return the unit vector of each text."""
        _, outputs = self._run(texts, ["vectors"])
        return to_bytes(outputs[0])

    def encode_passages(self, texts: Sequence[str]) -> Sequence[PassageVectors]:
        """Return the unit vector and the stored form of the token vectors of each text."""
        encoded, (vectors, states) = self._run(texts, ["vectors", "tokens"])
        found: list[PassageVectors] = []
        for row, (vector, encoding) in enumerate(zip(to_bytes(vectors), encoded, strict=True)):
            kept = np.flatnonzero(self._kept[encoding.ids])
            offsets = encoding.offsets
            places = [offsets[place] for place in kept]
            found.append(PassageVectors(vector, pack_tokens(states[row, kept], places)))
        return found

    def encode_question(self, text: str) -> EncodedQuestion:
        """Return a question's vector and its token vectors."""
        text = storable(text)[:CHARACTERS]
        (encoding,), (vectors, states) = self._run([text], ["vectors", "tokens"])
        kept = np.flatnonzero(self._kept[encoding.ids])
        if not len(kept):  # function words alone
            kept = np.flatnonzero(np.array(encoding.special_tokens_mask) == 0)
        kept = kept[:_QUESTION_TOKENS]
        rows = states[0, kept]
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        (vector,) = to_bytes(vectors)
        words = [_word(encoding, int(place), text) for place in kept]
        return EncodedQuestion(vector, (rows / lengths).astype(np.float16), words)

    def _run(
        self, texts: Sequence[str], names: list[str]
    ) -> "tuple[Sequence[Encoding], Sequence[NDArray[np.float32]]]":
        cut = [storable(text)[:CHARACTERS] for text in texts]
        encoded = self._tokenizer.encode_batch(cut)
        longest = max(len(encoding.ids) for encoding in encoded)
        ids = np.zeros((len(encoded), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, encoding in enumerate(encoded):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        return encoded, self._session.run(names, {"input_ids": ids, "attention_mask": mask})


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
