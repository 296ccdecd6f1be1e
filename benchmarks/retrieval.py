"""Retrieval quality on judged collections, through the real index and the real search.

    python -m benchmarks.retrieval FOLDER... [--cache DIR] [--mode whole|cut|both] [--server ADDRESS]

A folder holds `docs.jsonl` (id, title, text), `queries.jsonl` (id, text) and `qrels.tsv`
(query_id, doc_id, relevance; with a header). Every document is indexed twice: whole, as one
passage, which is how collections of abstracts are usually measured, and cut into passages as the
product does, where a document counts by its best passage. Lanes are asked as deep as
`RetrievalPolicy` says. nDCG takes the judged relevance as its gain (linear, as trec_eval does);
relevance below 1 is no relevance; queries without a relevant document are left out.

`--server` names an empty PostgreSQL database: the same passages and vectors are stored there, too, and every
question is asked of both; every table in it is dropped after each collection. `--documents` takes the first so
many of a folder, with all judged ones before others.

`--cache` keeps embeddings between runs. COHERE_API_KEY adds the reranked column.
"""

import argparse
import asyncio
import json
import math
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeAlias, cast

from backend.settings.settings import load_settings
from benchmarks.machine import machine
from benchmarks.scale import Lanes, clear
from benchmarks.vector_cache import VectorCache
from services.embeddings.local import LocalEmbedder
from services.index.postgresql.knowledge_server import KnowledgeServer
from services.index.postgresql.server_lanes import ServerLanes
from services.index.postgresql.server_library import ServerLibrary
from services.index.sqlite.database import KnowledgeDatabase
from services.index.sqlite.file_lanes import SqliteLanes
from services.index.sqlite.file_library import SqliteLibrary
from services.rerank import CohereReranker
from use_cases.kernel.model import Authority, DateOrigin, PassageVectors, Span
from use_cases.kernel.ports import Embedder
from use_cases.knowledge.chunking import cut
from use_cases.knowledge.hybrid_search import SearchKnowledge
from use_cases.knowledge.model import (
    Block,
    BlockKind,
    ChunkPolicy,
    IndexIdentity,
    ParsedDocument,
    PassageDraft,
    PreparedDocument,
    RetrievalPolicy,
)
from use_cases.knowledge.ports import Reranker
from use_cases.knowledge.prepare_document import embedding_texts
from use_cases.knowledge.token_matches import MatchTokens

Ranking: TypeAlias = Sequence[str]
Judged: TypeAlias = Mapping[str, Mapping[str, float]]
_DEPTH = 100
_SLICE = 256


@dataclass(frozen=True, slots=True)
class Collection:
    """A judged collection: documents as (title, text) by id, questions, relevance."""

    name: str
    documents: Mapping[str, tuple[str, str]]
    queries: Mapping[str, str]
    judged: Judged


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the judged queries."""

    ndcg: float
    recall: float
    mrr: float

    def __str__(self) -> str:
        return f"{self.ndcg:.3f} / {self.recall:.3f} / {self.mrr:.3f}"


def load(folder: Path) -> Collection:
    """Read a folder."""
    documents = {
        str(row["id"]): (str(row.get("title") or ""), str(row.get("text") or ""))
        for row in _lines(folder / "docs.jsonl")
    }
    judged: dict[str, dict[str, float]] = {}
    for line in (folder / "qrels.tsv").read_text().splitlines()[1:]:
        query, document, relevance = line.split("\t")
        if float(relevance) >= 1:
            judged.setdefault(query, {})[document] = float(relevance)
    queries = {
        str(row["id"]): str(row["text"])
        for row in _lines(folder / "queries.jsonl")
        if str(row["id"]) in judged
    }
    return Collection(folder.name, documents, queries, judged)


def first(collection: Collection, most: int | None) -> Collection:
    """So many of its documents, the judged ones before others."""
    relevant = {key for documents in collection.judged.values() for key in documents}
    keys = sorted(collection.documents, key=lambda key: key not in relevant)[:most]
    return replace(collection, documents={key: collection.documents[key] for key in keys})


def _lines(path: Path) -> Iterator[Mapping[str, object]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield cast("Mapping[str, object]", json.loads(line))


def prepared(collection: Collection, mode: str) -> Iterator[PreparedDocument]:
    """The collection as documents ready to be embedded and saved."""
    for document_id, (title, body) in collection.documents.items():
        text = body or title or document_id
        whole = Span(0, len(text))
        parsed = ParsedDocument(text, list(_paragraphs(text)), "text/plain")
        drafts = (
            [PassageDraft(0, whole, whole, "")] if mode == "whole" else cut(parsed, ChunkPolicy())
        )
        yield PreparedDocument(
            uri=f"test:///{document_id}",
            name=document_id,
            root="test:///",
            title=title,
            category="general",
            updated=date(2026, 1, 1),
            date_origin=DateOrigin.FILE,
            authority=Authority.NORMAL,
            superseded_by=None,
            media_type="text/plain",
            content_hash="1",
            text=text,
            passages=drafts,
            vectors=[],
        )


def _paragraphs(text: str) -> Iterator[Block]:
    start = 0
    for part in text.split("\n\n"):
        if part.strip():
            yield Block(BlockKind.PARAGRAPH, Span(start, start + len(part)))
        start += len(part) + 2


async def index(
    libraries: Sequence[SqliteLibrary | ServerLibrary],
    embedder: Embedder,
    collection: Collection,
    mode: str,
) -> int:
    """Embed and save all documents in each library; how many passages there are."""
    documents = list(prepared(collection, mode))
    texts = [text for document in documents for text in embedding_texts(document)]
    vectors: list[PassageVectors] = []
    for start in range(0, len(texts), _SLICE):
        vectors += await embedder.embed_passages(texts[start : start + _SLICE])
        print(
            f"\r  embedding {collection.name}: {len(vectors)} of {len(texts)}", end="", flush=True
        )
    print()
    for library in libraries:
        await library.prepare(IndexIdentity(embedder.id, embedder.dimensions, f"benchmark:{mode}"))
    for document in documents:
        count = len(document.passages)
        for library in libraries:
            await library.save(replace(document, vectors=vectors[:count]))
        del vectors[:count]
    return len(texts)


async def rankings(
    lanes: Lanes, embedder: LocalEmbedder, reranker: Reranker | None, text: str
) -> Mapping[str, Ranking]:
    """The documents each way of searching finds for one question, best first."""
    policy = RetrievalPolicy()
    vector = await embedder.embed_query(text)
    found = {
        "BM25": await lanes.matching(text, limit=policy.bm25_search_limit),
        "vectors": await lanes.nearest(vector, limit=policy.vector_search_limit),
    }
    ranked = {name: [candidate.passage_id for candidate in lane] for name, lane in found.items()}
    ids = [passage_id for lane in ranked.values() for passage_id in lane]
    names = {key: passage.document.name for key, passage in (await lanes.passages(ids)).items()}
    result = {name: _documents([names[key] for key in lane]) for name, lane in ranked.items()}
    matches = MatchTokens(lanes=lanes, vocabulary=lanes, token_embedder=embedder)
    ways = {
        "fused": SearchKnowledge(lanes=lanes, embedder=embedder),
        "rescored": SearchKnowledge(lanes=lanes, embedder=embedder, matches=matches),
    }
    if reranker is not None:
        ways["reranked"] = SearchKnowledge(lanes=lanes, embedder=embedder, reranker=reranker)
    for name, search in ways.items():
        hits = (await search.search(text, limit=_DEPTH)).hits
        result[name] = _documents([hit.passage.document.name for hit in hits])
    return result


def _documents(names: Sequence[str]) -> Ranking:
    return list(dict.fromkeys(names))


def figures(ranked: Mapping[str, Ranking], judged: Judged) -> Figures:
    """Means over queries of nDCG@10, Recall@100 and MRR@10."""
    rows = [_one(ranking, judged[query]) for query, ranking in ranked.items()]
    ndcg, recall, mrr = (sum(column) / len(rows) for column in zip(*rows, strict=True))
    return Figures(ndcg, recall, mrr)


def _one(ranking: Ranking, relevance: Mapping[str, float]) -> tuple[float, float, float]:
    gains = [relevance.get(name, 0.0) for name in ranking[:10]]
    ideal = sorted(relevance.values(), reverse=True)[:10]
    first = next((rank for rank, gain in enumerate(gains, start=1) if gain), None)
    held = sum(name in relevance for name in ranking[:_DEPTH])
    return _dcg(gains) / _dcg(ideal), held / len(relevance), 1 / first if first else 0.0


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


async def measure(
    collection: Collection,
    mode: str,
    local: LocalEmbedder,
    cache: VectorCache,
    reranker: Reranker | None,
    server: str | None,
) -> None:
    """Index one collection one way, ask all its questions, print one row for each way of asking."""
    async with AsyncExitStack() as stack:
        temporary = stack.enter_context(tempfile.TemporaryDirectory())
        database = KnowledgeDatabase(Path(temporary) / "knowledge.sqlite")
        stack.push_async_callback(database.close)
        libraries: list[SqliteLibrary | ServerLibrary] = [SqliteLibrary(database)]
        sides: dict[str, Lanes] = {"SQLite": SqliteLanes(database, in_memory=False)}
        if server:
            on_server = KnowledgeServer(server)
            stack.push_async_callback(asyncio.to_thread, clear, server)
            stack.push_async_callback(on_server.close)
            libraries.append(ServerLibrary(on_server))
            sides["PostgreSQL"] = ServerLanes(on_server)
        passages = await index(libraries, cache, collection, mode)
        found: dict[tuple[str, str], dict[str, Ranking]] = {}
        for query, text in collection.queries.items():
            for side, lanes in sides.items():
                ranked = await rankings(lanes, local, reranker, text)
                for name, ranking in ranked.items():
                    found.setdefault((name, side), {})[query] = ranking
    for (name, side), ranked in sorted(found.items()):
        print(
            f"| {collection.name} | {mode} | {passages} | {len(collection.queries)} | {name} | {side} |"
            f" {figures(ranked, collection.judged)} |",
            flush=True,
        )


async def main() -> None:
    """Read the arguments, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--cache", type=Path, default=None)
    parser.add_argument("--mode", choices=["whole", "cut", "both"], default="both")
    parser.add_argument("--server", default=None)
    parser.add_argument("--documents", type=int, default=None)
    arguments = parser.parse_args()
    server, most = cast("str | None", arguments.server), cast("int | None", arguments.documents)
    folders, cache = cast("list[Path]", arguments.folders), cast("Path | None", arguments.cache)
    key = os.environ.get("COHERE_API_KEY")
    reranker = CohereReranker(api_key=key) if key else None
    print(machine())
    print("reranked with Cohere" if key else "not reranked: COHERE_API_KEY is not set")
    print(
        "| collection | documents are | passages | queries | way | database | nDCG@10 / Recall@100 / MRR@10 |"
    )
    print("|---|---|---|---|---|---|---|")
    local = LocalEmbedder(load_settings().models_path)
    with tempfile.TemporaryDirectory() as temporary:
        file = (cache or Path(temporary)) / "vectors.sqlite"
        with closing(VectorCache(local, file)) as cached:
            for folder in folders:
                for mode in ("whole", "cut") if arguments.mode == "both" else (arguments.mode,):
                    await measure(first(load(folder), most), mode, local, cached, reranker, server)


if __name__ == "__main__":
    asyncio.run(main())
