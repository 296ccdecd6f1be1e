"""The words of a collection that resemble a word which nobody wrote.

A word resembles another that contains it, or that differs from it by one edit (two from six letters
on), where exchanging two neighbours is one edit: the distance of Damerau and Levenshtein
(optimal string alignment), with Elasticsearch's bounds for `fuzziness: AUTO`.
"""

from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

MOST = 20
_FEWEST = 3
_LONG = 6


def similar_words(word: str, vocabulary: Sequence[str]) -> Sequence[str]:
    """Return at most `MOST` words of the vocabulary: the nearest to `word`, then those that contain it.

    Both are in the form of the vocabulary's tokenizer.
    """
    if len(word) < _FEWEST:
        return []
    edits = 1 if len(word) < _LONG else 2
    near = process.extract(word, vocabulary, scorer=OSA.distance, score_cutoff=edits, limit=MOST)
    least = min((distance for _, distance, _ in near), default=0)
    found = [one for one, distance, _ in near if distance == least]
    found.sort(key=lambda one: one[0] != word[0])  # people err less at the beginning
    containing = sorted((one for one in vocabulary if word in one and one != word), key=len)
    return list(dict.fromkeys([*found, *containing[:MOST]]))[:MOST]
