"""The inverted index of the full text in PostgreSQL: for each stem and a few blocks of passages one packed value.

A block is `BLOCK` passages by their ids; a value lists those of `_TOGETHER` blocks that have the stem, with how often
(`PassageStems.frequencies`) and how many words they have: all that BM25 needs, so that a question reads a few
hundred rows and no passage. A write adds to the last values, which are small; a removal takes its
passages out of them. `candor_terms` counts the passages of each stem.
"""

import struct
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from services.index.postgresql.knowledge_server import ServerConnection
from services.index.postgresql.stemmed import PassageStems
from services.index.relations import Row

BLOCK = 512
"""Passages of one block."""
_TOGETHER = 4
"""Blocks that one value is of, stored with the number of the first. Values of single blocks, as they were stored
before, take twice the time to read.
"""

_ONE = struct.Struct("<HHH")
_POSTINGS = np.dtype([("offset", "<u2"), ("frequency", "<u2"), ("words", "<u2")])
_MOST = 65_535


@dataclass(frozen=True, slots=True)
class Postings:
    """The passages that have a stem, or a phrase: their ids, how often they have it, and their words."""

    ids: NDArray[np.integer]
    frequencies: NDArray[np.float32]
    words: NDArray[np.integer]


NO_POSTINGS = Postings(np.empty(0, np.int64), np.empty(0, np.float32), np.empty(0, np.int64))
"""Of what no passage has."""


def add_postings(connection: ServerConnection, stems: Mapping[int, PassageStems]) -> None:
    """Adds new passages, by their ids."""
    packed: dict[tuple[str, int], bytearray] = defaultdict(bytearray)
    for passage_id, one in stems.items():
        block = _first_block(passage_id)
        for stem, frequency in one.frequencies.items():
            packed[stem, block] += _ONE.pack(
                passage_id - block * BLOCK, min(frequency, _MOST), min(one.words, _MOST)
            )
    keys = sorted(packed)
    connection.execute(
        "INSERT INTO candor_postings AS p SELECT * FROM unnest(%s::text[], %s::integer[], %s::bytea[])"
        " ON CONFLICT (term, block) DO UPDATE SET packed = p.packed || excluded.packed",
        (
            [stem for stem, _ in keys],
            [block for _, block in keys],
            [bytes(packed[key]) for key in keys],
        ),
    )
    count_terms(connection, "candor_terms", (one.frequencies for one in stems.values()), 1)


def remove_postings(connection: ServerConnection, number: int) -> None:
    """Takes the passages of a document out."""
    rows = connection.rows(
        "SELECT passage_id, tsvector_to_array(terms) FROM candor_passages WHERE document = %s",
        (number,),
    )
    held = cast("list[tuple[int, list[str]]]", rows)
    gone: dict[int, set[int]] = defaultdict(set)
    found: set[tuple[str, int]] = set()
    for passage_id, stems in held:
        for block in (_first_block(passage_id), passage_id // BLOCK):
            gone[block].add(passage_id - block * BLOCK)
            found.update((stem, block) for stem in stems)
    keys = sorted(found)
    places = ([stem for stem, _ in keys], [block for _, block in keys])
    stored = connection.rows(
        "SELECT term, block, packed FROM candor_postings"
        " JOIN unnest(%s::text[], %s::integer[]) AS k (term, block) USING (term, block)",
        places,
    )
    left: list[tuple[str, int, bytes]] = []
    for stem, block, packed in cast("list[tuple[str, int, bytes]]", stored):
        postings = np.frombuffer(packed, _POSTINGS)
        stays = ~np.isin(postings["offset"], list(gone[block]))
        left.append((stem, block, postings[stays].tobytes()))
    connection.execute(
        "UPDATE candor_postings p SET packed = k.packed"
        " FROM unnest(%s::text[], %s::integer[], %s::bytea[]) AS k (term, block, packed)"
        " WHERE p.term = k.term AND p.block = k.block",
        tuple([row[at] for row in left] for at in range(3)),
    )
    connection.execute(
        "DELETE FROM candor_postings p USING unnest(%s::text[], %s::integer[]) AS k (term, block)"
        " WHERE p.term = k.term AND p.block = k.block AND p.packed = ''",
        places,
    )
    count_terms(connection, "candor_terms", [stems for _, stems in held], -1)


POSTINGS = (
    "SELECT term, array_agg(block), array_agg(octet_length(packed)), string_agg(packed, ''::bytea)"
    " FROM candor_postings WHERE term = ANY(%s) GROUP BY term"
)
"""The query for the postings of stems; those that no passage has are left out."""


def postings_of(rows: Sequence[Row]) -> Mapping[str, Postings]:
    """Returns what `POSTINGS` has found, by stem."""
    found = cast("list[tuple[str, list[int], list[int], bytes]]", rows)
    return {stem: _postings(blocks, sizes, packed) for stem, blocks, sizes, packed in found}


def stems_from(connection: ServerConnection, beginning: str) -> list[str]:
    """Returns the stems that begin so."""
    rows = connection.rows(
        "SELECT term FROM candor_terms WHERE term >= %s AND starts_with(term, %s)",
        (beginning, beginning),
    )
    return [str(term) for (term,) in rows]


def merged(several: Sequence[Postings]) -> Postings:
    """Returns the passages that have one of several stems, and how often they have any."""
    ids, places = np.unique(np.concatenate([one.ids for one in several]), return_inverse=True)
    frequencies = np.concatenate([one.frequencies for one in several])
    words = np.zeros(len(ids), np.int64)
    words[places] = np.concatenate([one.words for one in several])
    together = np.zeros(len(ids), np.float32)
    np.add.at(together, places, frequencies)
    return Postings(ids, together, words)


def _first_block(passage_id: int) -> int:
    """Returns the block whose value lists a passage that is stored now."""
    return passage_id // (BLOCK * _TOGETHER) * _TOGETHER


def _postings(blocks: list[int], sizes: list[int], packed: bytes) -> Postings:
    postings = np.frombuffer(packed, _POSTINGS)
    counts = np.array(sizes) // _ONE.size
    ids = np.repeat(np.array(blocks, np.uint32) * BLOCK, counts) + postings["offset"]
    return Postings(ids, postings["frequency"] * np.float32(0.5), postings["words"])


def count_terms(
    connection: ServerConnection, table: str, passages: Iterable[Iterable[str]], sign: int
) -> None:
    """Counts the passages of each term in a table, one more for a `sign` of 1, one less for -1."""
    counts = Counter(term for terms in passages for term in terms)
    terms = sorted(counts)
    connection.execute(
        f"INSERT INTO {table} AS t SELECT * FROM unnest(%s::text[], %s::bigint[])"  # noqa: S608  (names of this package)
        " ON CONFLICT (term) DO UPDATE SET passages = t.passages + excluded.passages",
        (terms, [sign * counts[term] for term in terms]),
    )
    if sign < 0:
        connection.execute(
            f"DELETE FROM {table} WHERE term = ANY(%s) AND passages <= 0",  # noqa: S608  (as above)
            (terms,),
        )
