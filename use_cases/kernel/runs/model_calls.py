"""Runs an agent and turns what can go wrong with a model into our own errors.

The only caller of `agent.run`. (`run_stream` is not used: it ends at the first text, even when the
same response goes on to call a tool.) No text of a provider is repeated in an error:
it may hold parts of the prompt.
"""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from loguru import logger
from pydantic_ai import Agent, AgentRunResult, CancellationToken, UsageLimits
from pydantic_ai import exceptions as upstream
from pydantic_ai.capabilities import AgentCapability, RaiseContentFilterError
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import Model

from use_cases.kernel.errors import (
    CandorError,
    DefaultModelUnusable,
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
from use_cases.kernel.runs.agent_run import Handler, Run
from use_cases.kernel.runs.cancellation import shielded
from use_cases.kernel.runs.content_filter import content_filtered
from use_cases.kernel.text.split_characters import WholeCharacters

Deps = TypeVar("Deps")
Output = TypeVar("Output")


@asynccontextmanager
async def events(
    agent: Agent[Deps, Output],
    prompt: str,
    *,
    model: Model,
    deps: Deps,
    limits: UsageLimits,
    history: Sequence[ModelMessage] = (),
    token: CancellationToken | None = None,
    timeout: float | None = None,  # noqa: ASYNC109  (given to the agent, which ends the run resumably)
    capabilities: Sequence[AgentCapability[Deps]] = (),
    named: bool = True,
) -> AsyncGenerator[Run[Deps, Output]]:
    """The events of one run.

    `history` is what was said before, `capabilities` what this run has beside its agent. A run that `token` stops raises pydantic-ai's `RunCancelled`,
    one that is not over after `timeout` seconds its `RunTimedOut`. What else pydantic-ai or a
    provider raises comes out as a `CandorError`; a `CandorError` of a tool passes as it is. What a
    run has said can be asked of the yielded handle even after it ended early: see `said`.
    `named` is whether the caller named the model: a default model that the provider does not know
    is `DefaultModelUnusable` and no mistake of the caller's.
    """

    async def begin(handler: Handler[Deps]) -> AgentRunResult[Output]:
        return await agent.run(
            prompt,
            model=model,
            deps=deps,
            usage_limits=limits,
            message_history=list(history) or None,
            cancellation_token=token,
            timeout=timeout,
            event_stream_handler=handler,
            # What a filter left of an answer is no answer.
            capabilities=[RaiseContentFilterError(), WholeCharacters(), *capabilities],
        )

    run = Run(begin)
    with _translated(model.model_name, named=named):
        try:
            yield run
        finally:
            await shielded(run.aclose())


def said(run: Run[Deps, Output]) -> Sequence[ModelMessage]:
    """The messages of this run so far, its prompt included; none when it never began."""
    return run.new_messages()


class _translated:  # noqa: N801  (reads as a verb at its only use)
    def __init__(self, model: str, *, named: bool) -> None:
        self._model = model
        self._named = named

    def __enter__(self) -> None:
        return None

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        stopped = isinstance(error, upstream.RunCancelled)
        if isinstance(error, upstream.AgentRunError) and not stopped:
            ours = translate(error, self._model)
            if isinstance(ours, ModelUnknown) and not self._named:
                ours = DefaultModelUnusable(ours.detail)
            # Whoever asked is told; a warning here would say the same thing twice.
            logger.info("model run failed: {} ({})", ours.code, _kind(error))
            # Not from it: whoever logs a traceback would log the provider's text.
            raise ours from None


def _kind(error: upstream.AgentRunError) -> str:
    """What a log may hold of it: its class, status and the provider's code."""
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
    return ours(sentence.format(model), retry_after=retry_after)
