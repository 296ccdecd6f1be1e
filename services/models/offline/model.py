"""The offline answerer as a pydantic-ai model: it runs the same agent and tools as any other.

First request: refuse an attempt to break the rules, reply to small talk, or search with the
question. Second: quote the best sentences of what was found, or abstain. Nothing leaves the
machine; it is extractive and says so by its name. It reads the typed passages beside the tool's text, which no wire carries.
"""

import json
from collections.abc import AsyncIterator, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from services.models.offline.answering import Findings
from services.models.offline.candidates import candidates, plain
from services.models.offline.dating import compose_dated
from services.models.offline.question import Question, understand
from services.models.offline.refusals import asks_to_break_rules
from services.models.offline.replies import reply
from services.models.offline.weighing import evidence, rarity, weigh
from use_cases.kernel.errors import CandorError
from use_cases.kernel.phrases import Act
from use_cases.kernel.ports import StructuredData, Vocabulary
from use_cases.kernel.small_talk import Message, take_apart
from use_cases.kernel.sources import SEARCH_TOOL, PassageEntry, Retrieved
from use_cases.kernel.versions import outdated
from use_cases.knowledge.model import LibraryStatistics
from use_cases.knowledge.ports import Embedder, Library

REFUSAL = (
    "[refused] I'm sorry, but I can't do that: I only answer questions from the knowledge base."
)
NOTHING = "[not_found] Could you name the document, system or rule it should be in?"
_IN_CONTEXT = 4
_PIECE = 24


class OfflineAnswerer:
    """Finds, weighs and quotes. Without an embedder, similarity counts as nothing.

    `library` tells what is stored.
    """

    def __init__(
        self,
        *,
        vocabulary: Vocabulary,
        embedder: Embedder | None,
        data: StructuredData | None = None,
        library: Library | None = None,
    ) -> None:
        self._vocabulary = vocabulary
        self._embedder = embedder
        self._data = data
        self._library = library

    def model(self) -> FunctionModel:
        """The answerer behind pydantic-ai's interface."""
        return FunctionModel(self._respond, stream_function=self._stream, model_name="extractive")

    async def findings(self, text: str, entries: Sequence[PassageEntry]) -> Findings | None:
        """The weighed candidates of these passages; None when there is nothing to quote."""
        question = understand(text)
        found = candidates(entries, await self._legends())
        if not found:
            return None
        replaced = outdated(entry.passage.document for entry in entries)
        rarities = rarity(await self._vocabulary.document_frequencies(question.words), question)
        similarities = await self._similarities(question, [plain(c.text) for c in found])
        ranked = weigh(question, found, similarities, rarities, frozenset(replaced))
        contexts = await self._similarities(
            question, [w.candidate.context for w in ranked[:_IN_CONTEXT]]
        )
        return Findings(question, ranked, evidence(question, ranked, contexts, rarities), replaced)

    async def _respond(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        answer = await self._next(messages)
        part = (
            TextPart(answer)
            if isinstance(answer, str)
            else ToolCallPart(answer.name or SEARCH_TOOL, answer.json_args)
        )
        return ModelResponse(parts=[part])

    async def _stream(
        self, messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        answer = await self._next(messages)
        if isinstance(answer, str):
            for start in range(0, len(answer), _PIECE):
                yield answer[start : start + _PIECE]
        else:
            yield {0: answer}

    async def _next(self, messages: Sequence[ModelMessage]) -> str | DeltaToolCall:
        text, entries, searched = _turn(messages)
        if not searched and asks_to_break_rules(text):
            return REFUSAL
        message = take_apart(text)
        if not message.question:
            return reply(message, await self._held(message))
        if not searched:
            return DeltaToolCall(SEARCH_TOOL, json.dumps({"query": message.question}))
        findings = await self.findings(message.question, entries)
        return NOTHING if findings is None else compose_dated(findings)

    async def _held(self, message: Message) -> LibraryStatistics | None:
        """What is stored, where somebody asks what can be asked."""
        if self._library is None or Act.ABILITIES not in message.acts:
            return None
        return await self._library.statistics()

    async def _legends(self) -> dict[str, str]:
        """What the columns of each loaded table mean, by its document's id."""
        tables = await self._data.tables() if self._data else ()
        return {
            table.document.document_id: " ".join(
                f"{c.original} {c.description}" for c in table.columns
            )
            for table in tables
        }

    async def _similarities(self, question: Question, texts: Sequence[str]) -> Sequence[float]:
        if self._embedder is None:
            return [0.0] * len(texts)
        try:
            asked = _vector(await self._embedder.embed_query(question.text))
            vectors = await self._embedder.embed_documents(texts)
        except CandorError:
            # The search has already told the reader that there are no embeddings.
            return [0.0] * len(texts)
        return [float(_vector(vector) @ asked) for vector in vectors]


def _vector(vector: bytes) -> NDArray[np.float32]:
    return np.frombuffer(vector, dtype="<f4")


def _turn(messages: Sequence[ModelMessage]) -> tuple[str, Sequence[PassageEntry], bool]:
    """The newest question, the passages retrieved since, and whether a search was made at all."""
    question, entries, searched = "", dict[int, PassageEntry](), False
    for message in messages:
        if not isinstance(message, ModelRequest):
            continue
        for part in message.parts:
            if isinstance(part, UserPromptPart) and isinstance(part.content, str):
                question, entries, searched = part.content, {}, False
            elif isinstance(part, ToolReturnPart) and part.tool_name == SEARCH_TOOL:
                searched = True
                if isinstance(part.metadata, Retrieved):
                    entries |= {entry.number: entry for entry in part.metadata.passages}
    return question, list(entries.values()), searched


def offline_model(
    *,
    vocabulary: Vocabulary,
    embedder: Embedder | None,
    data: StructuredData | None = None,
    library: Library | None = None,
) -> FunctionModel:
    """The model behind the name `offline:extractive`."""
    answerer = OfflineAnswerer(vocabulary=vocabulary, embedder=embedder, data=data, library=library)
    return answerer.model()
