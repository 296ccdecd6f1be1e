"""Gives advice as one stream of events, and records it.

The one path: HTTP, the command line and the tests read the same stream. The response id is known
before the model is asked, the record is durable before the last event. Whoever stops reading early
must close the stream (`use_cases.kernel.runs.cancellation.closing`): what was said so far is then recorded,
marked interrupted.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, suppress

from pydantic_ai import Agent, RunCancelled, UsageLimits

from use_cases.advice.dependencies import AdviceDeps
from use_cases.advice.giving import log_points
from use_cases.advice.giving.advice_session import AdviceUnderWay
from use_cases.advice.giving.events import AdviceEvent, AdviceRecorded
from use_cases.advice.giving.output import AdviceOutput
from use_cases.advice.giving.preparation import PrepareAdvice
from use_cases.advice.model import AdviceQuestion, Response
from use_cases.advice.ports import Responses
from use_cases.kernel.errors import CandorError, ContentFiltered, ModelMisbehaved
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock
from use_cases.kernel.runs import model_calls
from use_cases.kernel.runs.agent_run import Run
from use_cases.kernel.runs.cancellation import completed
from use_cases.kernel.runs.date_anchor import anchored
from use_cases.kernel.runs.log_labels import labelled_stream


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

    @labelled_stream
    async def stream(
        self, question: AdviceQuestion, *, caller: Caller
    ) -> AsyncGenerator[AdviceEvent]:
        """The events of the advice; the first is `AdviceBegun`, the last `AdviceRecorded`.

        Before the last one the confidence was given (or that there is none), or `AdviceReplaced`
        came. Before the first event raises `ConversationInvalid`, `ProfileUnknown`,
        `ProfileBroken`, `PromptTypeUnknown`, `SearchOverrideConflict`, `SearchOverrideAlone`,
        `InvalidInput`, `ModelUnknown`, `ModelNotAllowed`, `ModelNotConfigured` or `DefaultModelUnusable`; after it the
        errors of the model (see `use_cases.kernel.errors`). A failed run is not recorded.
        """
        under_way = await self._prepare.run(question, caller)
        log_points.asked(under_way, preview=self._prepare.bounds.preview)
        rest: Sequence[AdviceEvent] = ()
        interrupted = False
        try:
            with log_points.ending():
                yield under_way.begun()
                async with self._run(under_way) as run:
                    under_way.run = run
                    async for event in run:
                        for shown in under_way.see(event):
                            yield shown
                    rest = await under_way.complete(_valid(run, under_way))
        except (ContentFiltered, RunCancelled) as stopped:
            interrupted = isinstance(stopped, RunCancelled)
            try:
                rest = under_way.stopped(stopped)
            except CandorError:
                await self._charge(under_way)
                raise
        except CandorError:
            await self._charge(under_way)
            raise
        except (asyncio.CancelledError, GeneratorExit):
            under_way.showing.stop()
            # Nobody is there to be told that it could not be kept; the log has it.
            with suppress(CandorError):
                await self._record(under_way, interrupted=True)
            raise
        response = await self._record(under_way, interrupted=interrupted)
        # Only now: whoever leaves while the rest is given leaves a whole record.
        for shown in rest:
            yield shown
        yield AdviceRecorded(response=response)

    def _run(
        self, under_way: AdviceUnderWay
    ) -> AbstractAsyncContextManager[Run[AdviceDeps, AdviceOutput]]:
        bounds = self._prepare.bounds
        return model_calls.events(
            self._agent,
            anchored(under_way.decision.query, under_way.today),
            model=under_way.resolved.model,
            deps=under_way.deps,
            limits=UsageLimits(
                request_limit=bounds.request_limit, tool_calls_limit=bounds.tool_calls_limit
            ),
            history=under_way.history,
            timeout=bounds.timeout,
            capabilities=under_way.capabilities,
            named=bool((under_way.question.model or "").strip()),
        )

    async def _record(self, under_way: AdviceUnderWay, *, interrupted: bool) -> Response:
        """Keep what came of it, whoever wants to stop us."""
        with log_points.recording():
            response = await completed(self._keep(under_way, interrupted=interrupted))
        log_points.advised(response)
        return response

    async def _keep(self, under_way: AdviceUnderWay, *, interrupted: bool) -> Response:
        seconds = self._clock.monotonic() - under_way.started
        response = await under_way.response(
            interrupted=interrupted, now=self._clock.now(), seconds=seconds
        )
        charge = under_way.charge(response.created_at, complete=not interrupted)
        await self._responses.keep(response, charge)
        return response

    async def _charge(self, under_way: AdviceUnderWay) -> None:
        """What a run that failed has used."""
        charge = under_way.failed(self._clock.now())
        try:
            if charge is not None:
                await completed(self._responses.charge(charge))
        except CandorError as error:
            log_points.not_charged(error)


def _valid(run: Run[AdviceDeps, AdviceOutput], under_way: AdviceUnderWay) -> AdviceOutput:
    if run.output is None:
        raise ModelMisbehaved(f"{under_way.resolved.name} gave no advice.")
    return run.output
