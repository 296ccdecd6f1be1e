"""The port `ModelFolders`: what is in a folder, and what its model makes of a few texts."""

import struct
from collections.abc import Sequence
from operator import mul
from pathlib import Path

import anyio.to_thread

from services.embeddings.cross_encoder import CrossEncoder
from services.embeddings.local import LocalEmbedder
from use_cases.knowledge.model import ModelFacts


class LocalModels:
    """Models in folders; `models` is where the installed one is."""

    def __init__(self, models: Path) -> None:
        self._models = models

    async def describe(self, folder: str) -> ModelFacts:
        """Reads what a folder says of its model. Raises `EmbedderUnavailable`."""
        from services.embeddings.model_folder import ModelFolder

        model = ModelFolder(Path(folder))
        return await anyio.to_thread.run_sync(model.facts)

    async def scores(self, folder: str, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Returns relevances of a cross-encoder, cosines of an embedder. Raises `EmbedderUnavailable`."""
        path = Path(folder)
        if (await self.describe(folder)).kind == "reranker":
            found = await CrossEncoder(path).rerank(question, texts, top_n=len(texts))
            return [score for _, score in sorted(found)]
        embedder = LocalEmbedder(self._models, path)
        asked = _numbers(await embedder.embed_query(question))
        rows = await embedder.embed_documents(texts)
        return [sum(map(mul, asked, _numbers(row))) for row in rows]


def _numbers(vector: bytes) -> Sequence[float]:
    return struct.unpack(f"<{len(vector) // 4}f", vector)
