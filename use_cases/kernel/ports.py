"""The shared ports of the capabilities, named after the need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from use_cases.kernel.model import (
    Caller,
    Passage,
    PassageVectors,
    Rows,
    Scalar,
    SearchResult,
    Span,
    Table,
    Vector,
)

if TYPE_CHECKING:
    # For annotations only: adapters implement these ports, and this import takes 1.5 seconds.
    from pydantic_ai import ModelResponse
    from pydantic_ai.models import Model


class Clock(Protocol):
    """A clock, which tests can control."""

    def now(self) -> datetime:
        """Returns the current time, with its time zone (UTC)."""
        ...

    def monotonic(self) -> float:
        """Returns seconds that never decrease, for durations."""
        ...


class Ids(Protocol):
    """A source of new identifiers."""

    def new(self, prefix: str) -> str:
        """Returns a new unique id such as `ans_01J…`, sortable by time of creation."""
        ...


class Entropy(Protocol):
    """A source of unpredictable randomness."""

    def characters(self, count: int) -> str:
        """Returns `count` letters without accents and digits, each of the 62 equally likely."""
        ...


class Search(Protocol):
    """The search of passages in the knowledge base."""

    async def search(
        self,
        query: str,
        *,
        category: str | None = None,
        limit: int | None = None,
        document: str | None = None,
    ) -> SearchResult:
        """Returns the best passages for any text, best first; never an error for its syntax.

        `category` restricts the search to documents of that category; `document` to one document (by
        id or name), with more passages, also those that do not match; `limit` defaults to the
        policy's. Raises `CategoryUnknown`.
        """
        ...

    async def require_category(self, category: str | None) -> None:
        """Raises `CategoryUnknown` unless a document is in this category; None and blank mean all."""
        ...


class Embedder(Protocol):
    """The conversion of text to unit vectors."""

    @property
    def id(self) -> str:
        """The name of model and variant; vectors of two ids never mix."""
        ...

    @property
    def dimensions(self) -> int:
        """The length of its vectors."""
        ...

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        """Returns one unit vector per text. Raises `EmbedderUnavailable` and upstream errors."""
        ...

    async def embed_passages(self, texts: Sequence[str]) -> Sequence[PassageVectors]:
        """Returns what the index stores of each text. Raises the errors of `embed_documents`."""
        ...

    async def embed_query(self, text: str) -> Vector:
        """Returns the unit vector of a question. Raises the errors of `embed_documents`."""
        ...


@dataclass(frozen=True, slots=True)
class TokenMatch:
    """Match of a passage's tokens with a question's, each read in its own text.

    A token is a word or a piece of one; neither text has any for punctuation and function words
    (a question of nothing else has them all).
    """

    words: Sequence[str]
    """For each token of the question the word that it belongs to, as it is written."""
    weights: Sequence[float]
    """The weight of each token of the question: large for a rare word, never negative."""
    spans: Sequence[Span | None]
    """The place of each token of the passage in its version's text; None in title and headings."""
    cosines: Sequence[Sequence[float]]
    """For each token of the question its cosines with the passage's tokens, estimated: -1 to 1."""

    @property
    def score(self) -> float:
        """The weighted mean of each question token's best cosine (MaxSim), 0 without tokens."""
        total = sum(self.weights)
        if not total or not self.spans:
            return 0.0
        best = zip(self.weights, map(max, self.cosines), strict=True)
        return sum(weight * cosine for weight, cosine in best) / total


class TokenMatches(Protocol):
    """The comparison of a question with passages, token by token (late interaction)."""

    async def match_readings(
        self, question: str, passages: Sequence[Passage]
    ) -> Sequence[TokenMatch | None]:
        """Returns the match of each passage's reading; None where a part has no stored token vectors.

        Only the question is embedded, and once for several calls. Never raises for a missing embedder
        or a failing one: every reading is then without a match. Raises storage errors.
        """
        ...

    async def scores(self, question: str, passage_ids: Sequence[int]) -> Mapping[int, float]:
        """Returns the score of each passage's match, without its text; see `match_readings`."""
        ...


class ConversationTraces(Protocol):
    """The traces of conversations outside the store: their words and vectors."""

    async def forget(self, chat_id: str) -> None:
        """Removes what was made of a conversation that was removed.

        Never raises: what cannot be removed now is found by nobody, and removed by the next search.
        """
        ...


class SaidSearch(Protocol):
    """The search of messages, of conversations that were imported or held here."""

    async def find_messages(
        self,
        caller: Caller,
        query: str,
        *,
        chat_id: str | None = None,
        empty: str | None = None,
        limit: int,
    ) -> Sequence[str]:
        """Returns the ids of the caller's messages that fit best, best first, of every branch.

        `chat_id`: only those of this conversation. `empty`: in this one there is nothing to find yet. Raises
        storage errors.
        """
        ...


@dataclass(frozen=True, slots=True)
class DocumentFrequencies:
    """For each word the share (0 to 1) of passages that contain its stem, and the number of passages."""

    shares: Mapping[str, float]
    passages: int


class Vocabulary(Protocol):
    """The frequencies of words in the knowledge base."""

    async def document_frequencies(self, words: Sequence[str]) -> DocumentFrequencies:
        """Returns those of these words."""
        ...


class StructuredData(Protocol):
    """Read-only queries of the loaded tables.

    A caller's queries do not delay another's: see `for_caller`.
    """

    def for_caller(self, caller: Caller) -> "StructuredData":
        """Returns the tables for this caller's queries; without it, queries are the server's own."""
        ...

    async def tables(self) -> Sequence[Table]:
        """Returns the loaded tables, by name. Waits for no query."""
        ...

    async def query(self, sql: str, parameters: Mapping[str, Scalar] | None = None) -> Rows:
        """Runs one read-only statement; `parameters` are the values of its `:names`.

        A name without a value is NULL. Raises `QueryRefused` (a rule forbids it), `QueryFailed` (SQL
        error), `QueryTooExpensive` (deadline or size) or `TooManyQueries` (the caller's others must
        end first), each with a sentence a model can act on.
        """
        ...


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A model ready to run. `name` is recorded; `metered` is false for models that cost nothing."""

    name: str
    model: "Model"
    metered: bool = True
    candidates: "tuple[ResolvedModel, ...]" = ()
    """The models of a chain, in the order in which they are asked; empty for a single model."""

    def answering(self, response: "ModelResponse | None") -> "ResolvedModel":
        """Returns the model of a chain that gave this response (the run's last), to record its name.

        It is the model itself when it is no chain, or without a response.
        """
        if response is None or not self.candidates:
            return self
        failed = len(response.failed_attempts or ())
        return self.candidates[min(failed, len(self.candidates) - 1)]


class Models(Protocol):
    """A registry of models by name."""

    def resolve(self, name: str | None = None, *, trusted: bool = False) -> ResolvedModel:
        """Returns the named model (`openai:gpt-4.1-mini`, `offline:extractive`), or the default.

        `trusted`: the name is the installation's own, not a request's. Raises `ModelUnknown` for an
        unknown name, `ModelNotAllowed` for one that requests may not name, and `ModelNotConfigured` when a key is missing.
        """
        ...


class OutputCache(Protocol):
    """Outputs of models, by a digest of all that they depend on."""

    async def output(self, key: str) -> str | None:
        """Returns the stored output, as JSON; None where there is none."""
        ...

    async def keep(self, key: str, output: str, now: datetime) -> None:
        """Stores an output; the first one under a key stays."""
        ...


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """The answer of a web server, whatever its status."""

    status: int
    content_type: str
    body: bytes


class GuardedWeb(Protocol):
    """Requests to web addresses that a person named, which may lead anywhere.

    No request reaches a private network unless the operator allowed its host; redirects are not
    followed; bytes and seconds are bounded. Both methods raise `AddressRefused`, `UpstreamFailed` and
    `UpstreamTimeout`.
    """

    async def get(self, url: str) -> WebAnswer:
        """Returns the answer to a GET request."""
        ...

    async def post_json(self, url: str, body: bytes) -> WebAnswer:
        """Returns the answer to a POST of a JSON document."""
        ...
