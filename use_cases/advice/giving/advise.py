"""Gives advice as one stream of events, and records it.

The one path: HTTP, the command line and the tests read the same stream. The response id is known
before the model is asked, the record is durable before the last event; the rest is as
`use_cases.kernel.runs.recorded_run` promises.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from pydantic_ai import Agent

from use_cases.advice.dependencies import AdviceDeps
from use_cases.advice.giving.advice_session import AdviceSession
from use_cases.advice.giving.events import AdviceEvent
from use_cases.advice.giving.output import AdviceOutput
from use_cases.advice.giving.preparation import PrepareAdvice
from use_cases.advice.model import AdviceQuestion
from use_cases.advice.ports import Responses
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock
from use_cases.kernel.runs.date_anchor import anchored
from use_cases.kernel.runs.model_calls import ModelCall
from use_cases.kernel.runs.recorded_run import recorded_run


class GiveAdvice:
    """Recommends, says how sure it is, and keeps what it said."""

    def __init__(
        self,
        *,
        agent: Agent[AdviceDeps, AdviceOutput],
        prepare: PrepareAdvice,
        responses: Responses,
        clock: Clock,
    ) -> None:
        self._agent = agent
        self._prepare = prepare
        self._responses = responses
        self._clock = clock

    def stream(self, question: AdviceQuestion, *, caller: Caller) -> AsyncGenerator[AdviceEvent]:
        """The events of the advice; the first is `AdviceBegun`, the last `AdviceRecorded`.

        Before the last one the confidence was given (or that there is none), or `AdviceReplaced`
        came. Before the first event raises `ConversationInvalid`, `ProfileUnknown`,
        `ProfileBroken`, `PromptTypeUnknown`, `SearchOverrideConflict`, `SearchOverrideAlone`,
        `InvalidInput`, `ModelUnknown`, `ModelNotAllowed`, `ModelNotConfigured` or `DefaultModelUnusable`; after it the
        errors of the model (see `use_cases.kernel.errors`). A failed run is not recorded.
        """
        return recorded_run(self._advice(question, caller))

    @asynccontextmanager
    async def _advice(
        self, question: AdviceQuestion, caller: Caller
    ) -> AsyncGenerator[AdviceSession]:
        started = self._clock.monotonic()
        prepared = await self._prepare.run(question, caller)
        bounds = self._prepare.bounds
        session = AdviceSession(
            prepared=prepared,
            call=ModelCall(
                agent=self._agent,
                prompt=anchored(prepared.decision.query, prepared.today),
                resolved=prepared.resolved,
                deps=prepared.deps,
                caller=caller,
                policy=bounds,
                clock=self._clock,
                started=started,
                history=prepared.history,
                capabilities=prepared.capabilities,
                named=bool((question.model or "").strip()),
            ),
            responses=self._responses,
        )
        AdviceSession.log.asked(
            prepared.text,
            session.begun().labels,
            preview=bounds.preview,
            user=caller.user_id,
            profile=prepared.deps.profile.profile_id,
            search=prepared.decision.final_decision,
        )
        yield session
