"""Asks one question and streams the verified, recorded answer.

The one path of a turn: HTTP, the command line and the tests read the same stream.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TypeAlias

from loguru import logger
from pydantic_ai import Agent, AgentRunResultEvent, AgentStreamEvent, UsageLimits

from use_cases.chat.agent import PROMPT_VERSION, ChatDeps
from use_cases.chat.errors import QuestionEmpty, QuestionTooLong
from use_cases.chat.events import AnswerRecorded, AnswerReplaced
from use_cases.chat.model import Answer, CitationPolicy
from use_cases.chat.ports import Answers, Models, ResolvedModel
from use_cases.chat.turn import Turn, Verdict
from use_cases.kernel import running
from use_cases.kernel.errors import ContentFiltered
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock, Ids, Search, StructuredData

ChatEvent: TypeAlias = AgentStreamEvent | AnswerReplaced | AnswerRecorded


@dataclass(frozen=True, slots=True)
class TurnPolicy:
    """Bounds of one turn. `timeout` is in seconds, for the whole run."""

    longest_question: int = 8000
    request_limit: int = 12
    tool_calls_limit: int = 16
    timeout: float = 120.0


class AskQuestion:
    """Answers from the knowledge base with verified citations, or says that it cannot."""

    def __init__(
        self,
        *,
        agent: Agent[ChatDeps, str],
        search: Search,
        data: StructuredData,
        models: Models,
        answers: Answers,
        clock: Clock,
        ids: Ids,
        citations: CitationPolicy,
        bounds: TurnPolicy,
    ) -> None:
        self._agent = agent
        self._search = search
        self._data = data
        self._models = models
        self._answers = answers
        self._clock = clock
        self._ids = ids
        self._citations = citations
        self._bounds = bounds

    async def stream(
        self,
        question: str,
        *,
        caller: Caller,
        category: str | None = None,
        model: str | None = None,
    ) -> AsyncGenerator[ChatEvent]:
        """The events of the turn; the last is `AnswerRecorded`.

        Raises `QuestionEmpty`, `QuestionTooLong`, `ModelUnknown`, `ModelNotConfigured` before
        anything is asked, and the errors of the model (see `use_cases.kernel.errors`) on the way; a
        failed run is not recorded as an answer.
        """
        question = self._checked(question)
        resolved = self._models.resolve(model)
        begun = self._clock.monotonic()
        deps = await self._deps(caller, category)
        turn = Turn(deps.ledger, self._citations)
        try:
            async with running.events(
                self._agent,
                question,
                model=resolved.model,
                deps=deps,
                limits=UsageLimits(
                    request_limit=self._bounds.request_limit,
                    tool_calls_limit=self._bounds.tool_calls_limit,
                ),
                timeout=self._bounds.timeout,
            ) as events:
                async for event in events:
                    if isinstance(event, AgentRunResultEvent):
                        turn.usage = event.result.usage
                    else:
                        for shown in turn.see(event):
                            yield shown
        except ContentFiltered:
            turn.refuse()
        verdict = turn.close()
        if verdict.replaced is not None:
            yield AnswerReplaced(text=verdict.text, reason=verdict.replaced)
        answer = self._answer(question, caller, category, resolved, turn, verdict, deps, begun)
        await self._answers.record(answer)
        logger.info(
            "answered: outcome={} sources={} tools={} latency_ms={}",
            answer.outcome,
            len(answer.sources),
            len(answer.tool_calls),
            answer.latency_ms,
        )
        yield AnswerRecorded(answer=answer)

    def _checked(self, question: str) -> str:
        """The question without what no store or provider accepts: lone surrogates and NULs."""
        cleaned = question.encode("utf-8", "ignore").decode().replace("\0", "").strip()
        if not cleaned:
            raise QuestionEmpty("The question is empty.")
        if len(cleaned) > self._bounds.longest_question:
            raise QuestionTooLong(
                f"The question has {len(cleaned)} characters; {self._bounds.longest_question} are read."
            )
        return cleaned

    async def _deps(self, caller: Caller, category: str | None) -> ChatDeps:
        return ChatDeps(
            caller=caller,
            search=self._search,
            data=self._data,
            today=self._clock.now().date().isoformat(),
            tables=tuple(await self._data.tables()),
            category=category,
        )

    def _answer(
        self,
        question: str,
        caller: Caller,
        category: str | None,
        resolved: ResolvedModel,
        turn: Turn,
        verdict: Verdict,
        deps: ChatDeps,
        begun: float,
    ) -> Answer:
        usage = turn.usage if resolved.metered else None
        return Answer(
            answer_id=self._ids.new("ans"),
            user_id=caller.user_id,
            question=question,
            category=category,
            text=verdict.text,
            outcome=verdict.outcome,
            sources=verdict.sources,
            tool_calls=turn.tool_calls,
            model=resolved.name,
            prompt_version=PROMPT_VERSION,
            input_tokens=usage.input_tokens if usage else None,
            output_tokens=usage.output_tokens if usage else None,
            cost=usage.cost if usage else None,
            latency_ms=round((self._clock.monotonic() - begun) * 1000),
            created_at=self._clock.now(),
            notices=tuple(deps.notices),
        )
