"""Gives advice as one stream of events, and records it.

The one path: HTTP, the command line and the tests read the same stream. The response id is known
before the model is asked, the record is durable before the last event; the rest is as
`use_cases.kernel.runs.recorded_run` promises.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from pydantic_ai import Agent

from use_cases.advice.dependencies import AdviceDeps
from use_cases.advice.giving.advice_session import AdviceSession
from use_cases.advice.giving.events import AdviceEvent
from use_cases.advice.giving.model_output import AdviceOutput
from use_cases.advice.giving.preparation import PrepareAdvice
from use_cases.advice.model import AdviceQuestion
from use_cases.advice.ports import ResponseWriter
from use_cases.kernel.model import Caller
from use_cases.kernel.prompts.registry import ActivePrompts
from use_cases.kernel.runs.recorded_run import Listener, recorded_run


class GiveAdvice:
    """Recommends, says how sure it is, and keeps what it said."""

    def __init__(
        self,
        *,
        agent: Agent[AdviceDeps, AdviceOutput],
        prepare: PrepareAdvice,
        responses: ResponseWriter,
        listeners: Sequence[Listener] = (),
    ) -> None:
        self._agent = agent
        self._prepare = prepare
        self._responses = responses
        self._listeners = listeners

    def stream(
        self, question: AdviceQuestion, *, caller: Caller, tried: ActivePrompts | None = None
    ) -> AsyncGenerator[AdviceEvent]:
        """The events of the advice; the first is `AdviceBegun`, the last `AdviceRecorded`.

        `tried` are instructions to try, with a model that was checked before; else those in production
        advise.

        Before the last one the confidence was given (or that there is none), or `AdviceReplaced`
        came. Before the first event raises `ConversationInvalid`, `ProfileUnknown`,
        `ProfileBroken`, `PromptTypeUnknown`, `SearchOverrideConflict`, `SearchOverrideAlone`,
        `InvalidInput`, `ModelUnknown`, `ModelNotAllowed`, `ModelNotConfigured` or `DefaultModelUnusable`; after it the
        errors of the model (see `use_cases.kernel.errors`). A failed run is not recorded.
        """
        return recorded_run(self._advice(question, caller, tried), self._listeners)

    async def default_model(self) -> str:
        """Return the name of the model that advises when a question names none."""
        return await self._prepare.default_model()

    @asynccontextmanager
    async def _advice(
        self, question: AdviceQuestion, caller: Caller, tried: ActivePrompts | None
    ) -> AsyncGenerator[AdviceSession]:
        session = await self._prepare.run(question, caller, self._agent, self._responses, tried)
        AdviceSession.log.asked(
            session.text,
            session.begun().labels,
            preview=self._prepare.bounds.log_message_preview,
            user=caller.user_id,
            profile=session.deps.profile.profile_id,
            search=session.decision.final_decision,
        )
        yield session
