"""What the search over conversations costs: indexing words, then searches in a store of many messages.

    python -m benchmarks.conversation_search [--messages N] [--words N] [--queries N]
        [--vectors]

N messages (10000) in conversations of 8, of made-up words by the frequencies of natural ones (Zipf), are
stored on a fresh SQLite file. Indexed are the words; then, with `--vectors`,
the vectors by the local embedder (minutes), else random unit vectors of the same length, so that the
search does all of its work. Queries (of words that are not among the 200 most frequent): words, a sentence, a misspelt word, two Chinese characters, a
share link, and a filter, in turn, each another one, in one process, with the reading of the store, the
lanes, and the snippets: what a request does without its HTTP. The time of the processor is shown beside
that of the clock, for a machine that has other work.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, insert

from benchmarks.machine import machine
from services.embeddings.local import LocalEmbedder
from services.index.sqlite.file_conversations import SqliteConversationIndex
from services.store.chats import conversations, messages
from services.store.people import users
from services.store.searchable_conversations import SqlSearchableConversations
from services.store.store import Store
from services.system import SystemClock
from use_cases.chat.model import Role
from use_cases.conversations.search.index_conversations import IndexConversations
from use_cases.conversations.search.model import SearchFilter
from use_cases.conversations.search.search_conversations import SearchConversations
from use_cases.kernel.model import Caller, PassageVectors, Vector
from use_cases.kernel.ports import Embedder

ANNA = Caller("anna")
DIMENSIONS = 384
TURNS = 8
_FUNCTION_WORDS = 200
NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
_SYLLABLES = [
    "ka",
    "re",
    "to",
    "mi",
    "sta",
    "con",
    "ver",
    "ti",
    "fi",
    "ca",
    "te",
    "pro",
    "gram",
    "ser",
    "vice",
    "net",
    "work",
    "da",
    "ta",
    "ba",
    "se",
    "ro",
    "tion",
]


class RandomEmbedder:
    """Port `Embedder` without a model: vectors of the same length, in no order."""

    id = "benchmark:random"
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self._random = np.random.default_rng(7)

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One random unit vector per text."""
        rows = self._random.standard_normal((len(texts), DIMENSIONS)).astype("<f4")
        return [row.tobytes() for row in rows / np.linalg.norm(rows, axis=1, keepdims=True)]

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[PassageVectors]:
        """Vectors alone."""
        return [PassageVectors(vector) for vector in await self.embed_documents(texts)]

    async def embed_query(self, text: str) -> Vector:
        """As a document."""
        return (await self.embed_documents([text]))[0]


class Words:
    """Texts of made-up words, the first of which are the most frequent."""

    def __init__(self, seed: int, count: int = 30_000) -> None:
        self._random = random.Random(seed)
        draw = self._random
        made = {"".join(draw.choices(_SYLLABLES, k=draw.randint(2, 5))) for _ in range(count)}
        self.words = sorted(made)
        self._random.shuffle(self.words)
        self._weights = np.cumsum(1 / np.arange(1, len(self.words) + 1)).tolist()

    def asked(self, count: int) -> str:
        """A query of so many words, none of the most frequent, which stand for function words."""
        return " ".join(self._random.choices(self.words[_FUNCTION_WORDS:], k=count))

    def text(self, count: int) -> str:
        """A text of so many words."""
        return " ".join(
            self._random.choices(self.words, cum_weights=self._weights, k=max(count, 1))
        )

    def length(self, mean: int) -> int:
        """The length of a text: many short ones, few long ones."""
        return int(self._random.expovariate(1 / mean)) + 1


def main() -> None:
    """Print the time of indexing, and of searches by kind."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--words", type=int, default=180, help="of an answer, on average")
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--vectors", action="store_true", help="of the local model: minutes")
    given = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure(Path(folder), given))


async def _measure(folder: Path, given: argparse.Namespace) -> None:
    count = int(given.messages)
    words = Words(1)
    store = Store(folder / "candor.sqlite")
    characters = await store.write(
        lambda connection: _fill(connection, words, count, int(given.words))
    )
    index = SqliteConversationIndex(folder / "index.sqlite", in_memory=True)
    embedder: Embedder = (
        LocalEmbedder(Path.home() / ".local/share/candor/models")
        if given.vectors
        else RandomEmbedder()
    )
    searchable = SqlSearchableConversations(store)
    indexing = IndexConversations(
        searchable=searchable, conversation_index=index, embedder=embedder
    )
    start = time.perf_counter()
    await indexing.update(ANNA)
    size = (folder / "index.sqlite").stat().st_size
    print(
        f"{count} messages ({characters / 1e6:.1f} million characters) in {-(-count // TURNS)} conversations:"
        f" words indexed in {time.perf_counter() - start:.1f} s ({size / 1e6:.0f} MB)"
    )
    start = time.perf_counter()
    passages = await index.count_without_vectors(None)
    async for _ in indexing.complete():
        pass
    print(f"{passages} passages: vectors in {time.perf_counter() - start:.1f} s")
    searching = SearchConversations(
        searchable=searchable,
        index_conversations=indexing,
        conversation_index=index,
        embedder=embedder,
        clock=SystemClock(),
    )
    await _search(searching, words, int(given.queries))
    await index.close()
    await store.close()


def _fill(connection: Connection, words: Words, count: int, length: int) -> int:
    connection.execute(insert(users), {"user_id": "anna", "created_at": NOON})
    rows: list[dict[str, object]] = []
    for number in range(count):
        chat, turn = divmod(number, TURNS)
        role = Role.ASSISTANT if turn % 2 else Role.USER
        text = words.text(words.length(length if turn % 2 else 40))
        rows.append(
            {
                "message_id": f"msg_{number:07}",
                "chat_id": f"chat_{chat:06}",
                "parent_id": f"msg_{number - 1:07}" if turn else None,
                "role": role,
                "text": f"{text} 错误修复 その言葉" if number % 97 == 0 else text,
                "parts": (),
                "created_at": NOON + timedelta(minutes=number),
            }
        )
    chats = [
        {
            "chat_id": f"chat_{chat:06}",
            "user_id": "anna",
            "title": words.text(5),
            "leaf_id": f"msg_{min(chat * TURNS + TURNS, count) - 1:07}",
            "created_at": NOON,
            "updated_at": NOON + timedelta(minutes=chat),
        }
        for chat in range(-(-count // TURNS))
    ]
    connection.execute(insert(conversations), chats)
    connection.execute(insert(messages), rows)
    return sum(len(str(row["text"])) for row in rows)


async def _search(searching: SearchConversations, words: Words, count: int) -> None:
    kinds = {
        "one word": lambda: (words.asked(1), None),
        "four words": lambda: (words.asked(4), None),
        "a sentence": lambda: (words.asked(12), None),
        "a misspelt word": lambda: (f"{words.words[len(times)]}x", None),
        "two Chinese characters": lambda: ("修复", None),
        "a share link": lambda: ("https://chatgpt.com/share/1", None),
        "answers alone": lambda: (words.asked(4), SearchFilter(roles=["assistant"])),
    }
    times: list[float] = []
    work: list[float] = []
    print("\n| query | n | median ms | p95 ms | CPU median | CPU p95 | found |")
    print("|---|---|---|---|---|---|---|")
    for kind, make in kinds.items():
        taken: list[float] = []
        used: list[float] = []
        found: list[int] = []
        for turn in range(count // len(kinds) + 1):
            query, only = make()
            start, begun = time.perf_counter(), time.process_time()
            result = await searching.search(ANNA, query, only)
            if turn:  # the first one loads what stays in memory
                taken.append((time.perf_counter() - start) * 1000)
                used.append((time.process_time() - begun) * 1000)
                found.append(result.total)
        times, work = times + taken, work + used
        middle = sorted(found)[len(found) // 2]
        print(f"| {kind} | {len(taken)} | {_row(taken)} | {_row(used)} | {middle} |")
    print(f"| all | {len(times)} | {_row(times)} | {_row(work)} | |")


def _row(times: Sequence[float]) -> str:
    ordered = sorted(times)
    return f"{ordered[len(ordered) // 2]:.0f} | {ordered[int(len(ordered) * 0.95)]:.0f}"


if __name__ == "__main__":
    main()
