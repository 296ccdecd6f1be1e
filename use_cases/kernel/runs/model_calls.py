"""The calls of a model: which model, the attempts of a call, and our errors for what can go wrong with one.

Promises: one layer of retries: within `Attempts` the SDKs make none; a rate limit is waited for, as long as
the provider asks, and counts as no failure; once one call has waited in vain, others that share its `Patience`
do not; what lasts (a wrong key, a used-up quota, a filtered prompt) is not tried again; pauses double.

No text of a provider is repeated in an error: it may hold parts of the prompt. A content filter is
recognised in each shape that it arrives in: Azure's as pydantic-ai's `ContentFilterError` (its body is the
JSON of a response with `provider_details`), or, behind a gateway that speaks plain OpenAI, as a rejected
request with the code `content_filter` and the filter's result under `innererror`. A filtered completion has
the same results without `jailbreak`.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar, cast

from loguru import logger
from pydantic_ai import exceptions as upstream
from pydantic_ai.settings import ModelSettings

from use_cases.kernel.errors import (
    CandorError,
    ContentFiltered,
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
from use_cases.kernel.ports import Models, ResolvedModel
from use_cases.kernel.prompts.content import RunPrompt

_LONGEST_WAIT = 600.0
"""Seconds for which a rate limit is waited for, in all."""
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_DOUBLINGS = 5
_LASTING = (ModelKeyRejected, ModelQuotaExceeded, ContentFiltered)

Result = TypeVar("Result")
Pause: TypeAlias = Callable[[float], Awaitable[object]]
"""Waits so many seconds."""


@dataclass(slots=True)
class Requests:
    """The requests to providers that were sent in a part of a run; `retried`: SDKs may repeat one."""

    retried: bool
    count: int = 0


_REQUESTS: ContextVar[Requests | None] = ContextVar("requests", default=None)


@contextmanager
def counted_requests(*, retried: bool) -> Generator[Requests]:
    """Counts what is sent within, in this task and those that it starts."""
    token = _REQUESTS.set(found := Requests(retried))
    try:
        yield found
    finally:
        _REQUESTS.reset(token)


def count_request() -> None:
    """Counts a request; a provider's client calls this for each one that it sends."""
    if (requests := _REQUESTS.get()) is not None:
        requests.count += 1


def sdk_retries() -> bool:
    """Returns true if an SDK may repeat a request by itself; false where `Attempts` does."""
    requests = _REQUESTS.get()
    return requests is None or requests.retried


@dataclass(slots=True)
class Patience:
    """The patience of several calls with one provider. It comes back with each answer.

    `begun`: one of them waits. `spent`: one of them has waited for as long as any may.
    """

    begun: bool = False
    spent: bool = False


@dataclass(slots=True)
class Attempts:
    """The attempts of one call. `count` has those that were made, also where the last one failed;
    `requests` those that reached a provider's client.
    """

    count: int = 0
    requests: int = 0
    failed: int = 0
    waited: float = 0.0
    patience: Patience = field(default_factory=Patience)

    async def call(
        self, work: Callable[[], Awaitable[Result]], *, retries: int, pause: Pause = asyncio.sleep
    ) -> Result:
        """Returns what `work` returns, after pauses where it fails. Raises its last `CandorError`."""
        while True:
            self.count += 1
            with counted_requests(retried=False) as sent:
                try:
                    result = await work()
                except CandorError as error:
                    seconds = self._pause_after(error, retries)
                    if seconds is None:
                        raise
                else:
                    self.patience.begun = self.patience.spent = False
                    return result
                finally:
                    self.requests += sent.count
            await pause(seconds)

    @property
    def calls(self) -> int:
        """The calls as the provider counts them; of a model without a provider, the attempts."""
        return self.requests or self.count

    def _pause_after(self, error: CandorError, retries: int) -> float | None:
        """Returns the seconds to wait before the next attempt; None where there is none."""
        if isinstance(error, _LASTING):
            return None
        if isinstance(error, RateLimited):
            seconds = self._seconds(error.retry_after)
            self.waited += seconds
            if self.waited > _LONGEST_WAIT or self.patience.spent:
                self.patience.spent = True
                return None
            if not self.patience.begun:
                self.patience.begun = True
                logger.warning("{} Waiting for it, 10 minutes at most.", error.detail)
            return seconds
        if not isinstance(error, UpstreamFailed | UpstreamTimeout) or self.failed >= retries:
            return None
        self.failed += 1
        return self._seconds(error.retry_after)

    def _seconds(self, asked: float | None) -> float:
        """Returns the seconds to wait: as many as the provider asks for, else more each time."""
        if asked:
            return max(asked, _FIRST_PAUSE)
        return min(_FIRST_PAUSE * 2 ** min(self.count - 1, _DOUBLINGS), _LONGEST_PAUSE)


@contextmanager
def translated(resolved: ResolvedModel, *, named: bool) -> Generator[None]:
    """Raises the `CandorError` for what a model or pydantic-ai raises within; `RunCancelled` passes."""
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
    """Returns the model that a caller named; else the stored default, else the installation's own.

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
    """Returns the model settings of a prompt; None where it has none."""
    return cast("ModelSettings", dict(prompt.settings)) if prompt.settings else None


def _kind(error: upstream.AgentRunError) -> str:
    """Returns the part of it that a log may hold: its class, status and the provider's code."""
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


def content_filtered(error: BaseException, model: str) -> ContentFiltered | None:
    """Our error when `error` comes of a content filter, else None."""
    code = getattr(error, "provider_error_code", None)
    if not isinstance(error, upstream.ContentFilterError) and code != "content_filter":
        return None
    body = getattr(error, "body", None)
    return ContentFiltered(
        f"The content filter of {model} stopped this request.",
        jailbreak=any(_filtered(found) for found in _named("jailbreak", _parsed(body))),
    )


def _parsed(body: object) -> object:
    if not isinstance(body, str):
        return body
    try:
        return cast("object", json.loads(body))
    except ValueError:
        return None


def _named(name: str, value: object) -> Iterator[object]:
    """Returns every member of this name, at any depth."""
    if isinstance(value, dict):
        for key, member in cast("dict[object, object]", value).items():
            if key == name:
                yield member
            yield from _named(name, member)
    elif isinstance(value, list):
        for member in cast("list[object]", value):
            yield from _named(name, member)


def _filtered(result: object) -> bool:
    return isinstance(result, dict) and cast("dict[object, object]", result).get("filtered") is True
