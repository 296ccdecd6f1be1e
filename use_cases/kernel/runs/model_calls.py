"""Runs an agent and turns what can go wrong with a model into our own errors.

The only streamed caller of `agent.run` (`use_cases.kernel.runs.completion` makes calls without a
stream). `run_stream` is not used: it ends at the first text, even when the same response goes on to
call a tool. No text of a provider is repeated in an error: it may hold parts of the prompt.
"""

import re
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar, cast

from loguru import logger
from pydantic_ai import Agent, AgentRunResult, CancellationToken, UsageLimits
from pydantic_ai import exceptions as upstream
from pydantic_ai.capabilities import AgentCapability, RaiseContentFilterError
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage

from use_cases.kernel.errors import (
    CandorError,
    DefaultModelUnusable,
    InvalidInput,
    ModelKeyRejected,
    ModelMisbehaved,
    ModelQuotaExceeded,
    ModelUnknown,
    ModelUnreachable,
    PromptTooLong,
    RateLimited,
    UpstreamFailed,
    UpstreamTimeout,
)
from use_cases.kernel.identity.admission import ESTIMATE, Charge, Estimate, charge
from use_cases.kernel.model import Caller
from use_cases.kernel.ports import Clock, Models, ResolvedModel
from use_cases.kernel.prompts.content import RunPrompt
from use_cases.kernel.runs.agent_run import Handler, Run, WholeCharacters
from use_cases.kernel.runs.cancellation import shielded
from use_cases.kernel.runs.content_filter import content_filtered
from use_cases.kernel.runs.record import RunFigures

Deps = TypeVar("Deps")
Output = TypeVar("Output")


@dataclass(frozen=True, slots=True)
class RunPolicy:
    """Bounds of one run. `turn_timeout_seconds` is for the whole run; `history_tokens` bounds the
    conversation before that the model gets, `log_message_preview` the characters of a question in
    the log; `estimate` counts for a run whose tokens or price are not known.
    """

    max_question_characters: int = 8000
    request_limit: int = 12
    tool_calls_limit: int = 16
    turn_timeout_seconds: float = 120.0
    history_tokens: int = 24_000
    log_message_preview: int = 0
    estimate: Estimate = ESTIMATE


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd(RunFigures):
    """The figures of a run, and the charge for them; None where nothing is charged."""

    charge: Charge | None


@dataclass(slots=True, kw_only=True)
class ModelCall(Generic[Deps, Output]):
    """One run of an agent: how it is run, what it has said, and what it took.

    `started` is the moment, by the monotonic clock, from which its time counts. `history` is what
    was said before, `capabilities` what this run has beside its agent; `token` stops it. `named` is
    whether the caller named the model: a default model that the provider does not know is
    `DefaultModelUnusable` and no mistake of the caller's.
    """

    agent: Agent[Deps, Output]
    prompt: str
    resolved: ResolvedModel
    deps: Deps
    caller: Caller
    policy: RunPolicy
    clock: Clock
    started: float
    history: Sequence[ModelMessage] = ()
    token: CancellationToken | None = None
    capabilities: Sequence[AgentCapability[Deps]] = ()
    named: bool = True
    settings: ModelSettings | None = None
    _run: Run[Deps, Output] | None = None

    @asynccontextmanager
    async def events(self) -> AsyncGenerator[Run[Deps, Output]]:
        """The events of the run.

        A run that the token stops raises pydantic-ai's `RunCancelled`, one that is not over in time
        its `RunTimedOut`. What else pydantic-ai or a provider raises comes out as a `CandorError`; a
        `CandorError` of a tool passes as it is.
        """
        self._run = run = Run(self._begin)
        try:
            with translated(self.resolved, named=self.named):
                yield run
        finally:
            await shielded(run.aclose())

    @property
    def said(self) -> Sequence[ModelMessage]:
        """The messages of this run so far, its prompt included, also after it ended early."""
        return () if self._run is None else self._run.new_messages()

    @property
    def output(self) -> Output:
        """The agent's output, once the run is over. Raises `ModelMisbehaved` where it has none."""
        if self._run is None or self._run.output is None:
            raise ModelMisbehaved(f"{self.resolved.name} gave no output.")
        return self._run.output

    @property
    def answering(self) -> ResolvedModel:
        """The model of a chain that answered; the model itself where it is no chain."""
        responses = (each for each in reversed(self.said) if isinstance(each, ModelResponse))
        return self.resolved.answering(next(responses, None))

    def end(self, *, interrupted: bool) -> RunEnd:
        """The figures until now."""
        now, answering = self.clock.now(), self.answering
        usage = self._usage if answering.metered and not interrupted else None
        return RunEnd(
            interrupted=interrupted,
            model=answering.name,
            # A provider may state no usage, and states none for the last request of a stopped run.
            input_tokens=usage.input_tokens or None if usage else None,
            output_tokens=usage.output_tokens or None if usage else None,
            cost=usage.cost if usage else None,
            latency_ms=round((self.clock.monotonic() - self.started) * 1000),
            created_at=now,
            charge=self._charge(now, complete=not interrupted),
        )

    def failed(self) -> Charge | None:
        """The charge of a run without a record: the usage that its provider stated."""
        used = self._run is not None and self._run.usage.total_tokens > 0
        return self._charge(self.clock.now(), complete=True) if used else None

    @property
    def _usage(self) -> RunUsage | None:
        return self._run.usage if self._run is not None and self.said else None

    def _charge(self, now: datetime, *, complete: bool) -> Charge | None:
        return charge(
            self.caller,
            self._usage,
            metered=self.answering.metered,
            complete=complete,
            now=now,
            estimate=self.policy.estimate,
        )

    async def _begin(self, handler: Handler[Deps]) -> AgentRunResult[Output]:
        policy = self.policy
        return await self.agent.run(
            self.prompt,
            model=self.resolved.model,
            deps=self.deps,
            usage_limits=UsageLimits(
                request_limit=policy.request_limit, tool_calls_limit=policy.tool_calls_limit
            ),
            message_history=list(self.history) or None,
            model_settings=self.settings,
            cancellation_token=self.token,
            timeout=policy.turn_timeout_seconds,
            event_stream_handler=handler,
            # What a filter left of an answer is no answer.
            capabilities=[RaiseContentFilterError(), WholeCharacters(), *self.capabilities],
        )


@contextmanager
def translated(resolved: ResolvedModel, *, named: bool) -> Generator[None]:
    """Raise the `CandorError` for what a model or pydantic-ai raises within; `RunCancelled` passes."""
    try:
        yield
    except upstream.RunCancelled:
        raise
    except upstream.AgentRunError as error:
        ours = translate(error, resolved.model.model_name)
        if isinstance(ours, ModelUnknown) and not named:
            ours = DefaultModelUnusable(ours.detail)
        # The caller gets the error itself; a warning here would say the same thing twice.
        logger.info("model run failed: {} ({})", ours.code, _kind(error))
        # Not from it: the traceback of a log would hold the provider's text.
        raise ours from None


def resolved_model(
    models: Models, name: str | None, stored: str | None = None, *, trusted: bool = False
) -> ResolvedModel:
    """The model that a caller named; else the stored default, else the installation's own.

    `trusted`: whether requests may name it was decided before. Raises what `Models.resolve` raises, and `DefaultModelUnusable` where it is not the caller's
    mistake.
    """
    if name is not None:
        return models.resolve(name, trusted=trusted)
    try:
        return models.resolve(stored, trusted=True) if stored else models.resolve()
    except InvalidInput as error:
        raise DefaultModelUnusable(error.detail, hint=error.hint) from error


def model_settings(prompt: RunPrompt) -> ModelSettings | None:
    """The model settings of a prompt; None where it has none."""
    return cast("ModelSettings", dict(prompt.settings)) if prompt.settings else None


def _kind(error: upstream.AgentRunError) -> str:
    """The part of it that a log may hold: its class, status and the provider's code."""
    found = [type(error).__name__]
    if isinstance(error, upstream.ModelHTTPError):
        found.append(f"status {error.status_code}")
    if isinstance(error, upstream.ModelAPIError) and _CODE.fullmatch(
        error.provider_error_code or ""
    ):
        found.append(f"code {error.provider_error_code}")
    return ", ".join(found)


_CODE = re.compile(r"[A-Za-z0-9_.\-]{1,60}")

_TRANSLATIONS: tuple[tuple[type[upstream.AgentRunError], type[CandorError], str], ...] = (
    (
        upstream.ModelAuthenticationError,
        ModelKeyRejected,
        "The provider of {} rejected the API key.",
    ),
    (upstream.ModelNotFoundError, ModelUnknown, "The provider knows no model {}."),
    (upstream.ModelContextWindowExceededError, PromptTooLong, "The request does not fit into {}."),
    (upstream.ModelQuotaExceededError, ModelQuotaExceeded, "The quota for {} is used up."),
    (upstream.ModelRateLimitError, RateLimited, "The provider of {} is limiting requests."),
    (upstream.RunTimedOut, UpstreamTimeout, "{} did not answer in time."),
    (upstream.ModelRequestTimeout, UpstreamTimeout, "{} did not answer in time."),
    (upstream.ModelTimeoutError, UpstreamTimeout, "{} did not answer in time."),
    (
        upstream.ModelConnectionError,
        ModelUnreachable,
        "The connection to the provider of {} failed or broke off.",
    ),
    (upstream.UsageLimitExceeded, ModelMisbehaved, "{} did not come to an end."),
    (upstream.UnexpectedModelBehavior, ModelMisbehaved, "{} gave no usable answer."),
    (upstream.AgentRunError, UpstreamFailed, "The provider of {} failed."),
)
"""Categories of pydantic-ai's errors, the special before the general, and what we say of them."""


def translate(error: upstream.AgentRunError, model: str) -> CandorError:
    """Our error for one of pydantic-ai's, by its category rather than by its status."""
    # Of a chain, the one that failed.
    model = error.model_name if isinstance(error, upstream.ModelAPIError) else model
    filtered = content_filtered(error, model)
    if filtered is not None:
        return filtered
    retry_after = error.retry_after if isinstance(error, upstream.ModelAPIError) else None
    ours, sentence = next(
        (ours, sentence) for theirs, ours, sentence in _TRANSLATIONS if isinstance(error, theirs)
    )
    found = ours(sentence.format(model), retry_after=retry_after)
    if isinstance(error, upstream.ModelHTTPError):
        found.provider_status = error.status_code
    return found
