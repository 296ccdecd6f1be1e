"""Models by name (`provider:model`, a bare name, or a chain of several), each built on first use and kept,
and guarded where its SDK may fail on a malformed answer.

Promises: a refusal by a content filter, in any of its shapes, never falls back to another model; a
stream that broke after its first piece is not restarted, so no text comes twice; when every model
fails, the error is that of the last one. A response keeps how many models failed before it, with the
kinds of their errors and without their messages, because responses are stored.

Promises: an error that an SDK or pydantic-ai raises over such an answer (a missing attribute, a
value of another type) becomes `UnexpectedModelBehavior`, as it does where they detect the fault
themselves. The message is dropped, because it may contain the answer; the log has the kind of error
and its place.

What a provider's prefix means is decided in `use_cases.kernel.model_names`. A bare name belongs to the
provider of its family (`gpt-…`, `claude-…`), to Azure where Azure alone serves OpenAI's models, or to the
one configured provider that serves models of any name.

Several names separated by commas are a chain, in which the next model is asked when one is unavailable. A chain leaves out models whose key is
missing; an unknown name is an error all the same, because it is a typing mistake.

Requests may name only the allowed models where they come from others: each costs the owner money.
"""

import re
import traceback
from collections.abc import (
    AsyncGenerator,
    Callable,
    Collection,
    Generator,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from loguru import logger
from pydantic_ai import ModelMessage, ModelResponse, ModelSettings, RunContext
from pydantic_ai.exceptions import FallbackExceptionGroup, ModelAPIError, UnexpectedModelBehavior
from pydantic_ai.messages import ModelRequestAttempt
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.wrapper import WrapperModel

from services.models import provider_access
from services.models.provider_access import (
    Connect,
    ProviderAccess,
    ProviderConnection,
    RequestPolicy,
)
from use_cases.kernel.errors import ModelNotAllowed, ModelNotConfigured, ModelUnknown
from use_cases.kernel.model_names import family_of, foreign_provider, split_name
from use_cases.kernel.ports import ResolvedModel
from use_cases.kernel.runs.model_calls import content_filtered, sdk_retries


class ModelChain(FallbackModel):
    """A model that asks each of its models in turn until one begins to answer."""

    def __init__(self, models: Sequence[Model]) -> None:
        super().__init__(*models, fallback_on=may_fall_back)

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Returns the first available answer. Raises the last model's error when all fail."""
        try:
            response = await super().request(messages, model_settings, model_request_parameters)
        except FallbackExceptionGroup as group:
            raise _last_error(group) from group
        return replace(response, failed_attempts=_without_messages(response.failed_attempts))

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """Opens the first available stream. Raises the last model's error when all fail."""
        try:
            async with super().request_stream(
                messages, model_settings, model_request_parameters, run_context
            ) as stream:
                stream.failed_attempts = _without_messages(stream.failed_attempts)
                yield stream
        except FallbackExceptionGroup as group:
            raise _last_error(group) from group


def may_fall_back(error: Exception) -> bool:
    """Returns whether another model may be asked: not after a content filter's refusal."""
    failed = isinstance(error, (ModelAPIError, UnexpectedModelBehavior))
    return failed and content_filtered(error, "") is None


def _last_error(group: FallbackExceptionGroup) -> Exception:
    return group.exceptions[-1]


def _without_messages(
    attempts: Sequence[ModelRequestAttempt] | None,
) -> list[ModelRequestAttempt] | None:
    if not attempts:
        return None
    return [
        replace(attempt, error=attempt.error and attempt.error.partition(":")[0])
        for attempt in attempts
    ]


_SDK_ERRORS = (AttributeError, LookupError, TypeError, ValueError, AssertionError)


class GuardedModel(WrapperModel):
    """The wrapped model, with errors of its SDK as errors of the model."""

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Requests an answer from the wrapped model."""
        with self._guard():
            return await super().request(messages, model_settings, model_request_parameters)

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        """Streams from the wrapped model; the stream is read inside, so its errors are covered, too."""
        with self._guard():
            async with super().request_stream(
                messages, model_settings, model_request_parameters, run_context
            ) as stream:
                yield stream

    @contextmanager
    def _guard(self) -> Generator[None]:
        try:
            yield
        except _SDK_ERRORS as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            logger.info(
                "{} over an answer of {}, at {}:{}",
                type(error).__name__,
                self.model_name,
                place.filename.rpartition("site-packages/")[2],
                place.lineno,
            )
            raise UnexpectedModelBehavior("The answer has an unknown format.") from None


OFFLINE = "offline:extractive"
"""Answers questions without a network; `offline` alone means it."""

ADVISER = "offline:adviser"
"""Advises without a network."""

DRAFTER = "offline:drafter"
"""Drafts projects without a network."""

ECHO = "offline:echo"
"""Gives back the newest message, for evaluations of prompts; `echo` alone means it."""

OFFLINES = frozenset({OFFLINE, ADVISER, DRAFTER, ECHO})
"""The models that need no key and no network."""

_SHORT = {"offline": OFFLINE, "echo": ECHO}

_VALID_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}")
"""A name may come from a request and becomes part of an address at some providers."""

_SAME_ACCESS = {
    "openai-chat": "openai",
    "openai-responses": "openai",
    "azure-responses": "azure",
}


def access_of(provider: str) -> str:
    """Returns the provider whose key and address this one uses: `openai` for `openai-chat`."""
    return _SAME_ACCESS.get(provider, provider)


@dataclass(frozen=True, slots=True)
class ModelNames:
    """The resolver of model names.

    `known`: all providers; `configured`: those with a key or an address; `open`: the configured ones
    that serve models of any name (Azure's deployments, Ollama, a gateway).
    """

    known: Collection[str]
    configured: Collection[str] = ()
    open: Collection[str] = ()

    def resolve_chain(self, name: str) -> Sequence[str]:
        """Returns the full names of a comma-separated chain, in the order in which they are tried."""
        parts = [part.strip() for part in name.split(",")]
        return tuple(dict.fromkeys(self.resolve(part) for part in parts if part)) or (
            self.resolve(name),
        )

    def resolve(self, name: str) -> str:
        """Returns `provider:model`. Raises `ModelUnknown` for a name that belongs to no provider."""
        name = _SHORT.get(name, name)
        if not _VALID_NAME.fullmatch(name) or ".." in name:
            raise ModelUnknown(f"Not a model name: {name[:50]!r}.")
        found = split_name(name)
        if found and (found[0] in self.known or ":".join(found) in OFFLINES):
            return ":".join(found)
        if foreign := foreign_provider(name, local=set(self.open) == {"ollama"}):
            raise ModelUnknown(
                f"Candor has no connection to the provider {foreign!r}.",
                hint="A gateway with OpenAI's API can be used: set OPENAI_BASE_URL, and write openai: "
                "before its name of the model.",
            )
        family = family_of(name)
        if family == "openai" and "openai" not in self.configured and "azure" in self.configured:
            return f"azure:{name}"
        if family is not None:
            return f"{family}:{name}"
        # Ollama's names hold a colon themselves: qwen3:8b.
        if len(self.open) == 1 and not found:
            return f"{next(iter(self.open))}:{name}"
        if ":" in name:
            raise ModelUnknown(f"Unknown provider: {name.partition(':')[0][:50]!r}.")
        raise ModelUnknown(f"Unknown model: {name[:50]!r}.")


_MAX_MODELS = 100  # models; names come from requests, too


@dataclass(frozen=True, slots=True)
class _Provider:
    """A provider: the settings it `needs`, and whether it serves models of any name."""

    needs: str
    open: bool = False


_AZURE = "AZURE_OPENAI_API_KEY and AZURE_OPENAI_ENDPOINT"
_PROVIDERS: Mapping[str, _Provider] = {
    "openai": _Provider("OPENAI_API_KEY"),
    "openai-chat": _Provider("OPENAI_API_KEY"),
    "openai-responses": _Provider("OPENAI_API_KEY"),
    "azure": _Provider(_AZURE, open=True),
    "azure-responses": _Provider(_AZURE),
    "anthropic": _Provider("ANTHROPIC_API_KEY"),
    "google": _Provider("GOOGLE_API_KEY"),
    "xai": _Provider("XAI_API_KEY"),
    "cohere": _Provider("COHERE_API_KEY"),
    "openrouter": _Provider("OPENROUTER_API_KEY", open=True),
    "ollama": _Provider("OLLAMA_BASE_URL", open=True),
    "vllm": _Provider("VLLM_BASE_URL", open=True),
}

PROVIDERS = tuple(_PROVIDERS)
"""The names of all providers."""


def open_providers(names: Iterable[str]) -> set[str]:
    """Returns those of these providers that serve models of any name."""
    return {name for name in names if _PROVIDERS[name].open}


def _connect(provider: str) -> Connect:
    """Returns the way to connect to a provider."""
    if provider in provider_access.CONNECT:
        return provider_access.CONNECT[provider]
    # Imported here: the SDK costs most of a second, which an offline answer need not wait for.
    from services.models import openai_family

    return openai_family.CONNECT[provider]


class ModelRegistry:
    """Implementation of the port `Models`.

    `access` contains only configured providers. `offline` builds the models that need no network, by
    name; `offline_only` refuses all others. `allowed` are the models that requests may name beside
    the default and the offline ones; None allows all.
    """

    def __init__(
        self,
        *,
        default: str,
        access: Mapping[str, ProviderAccess],
        offline: Mapping[str, Callable[[], Model]],
        policy: RequestPolicy | None = None,
        offline_only: bool = False,
        allowed: Collection[str] | None = None,
    ) -> None:
        self._default = default
        self._access = access
        self._patience = policy or RequestPolicy()
        self._build_offline = offline
        self._offline_only = offline_only
        openai = access.get("openai")
        gateway = {"openai"} if openai and openai.base_url else set[str]()
        self._names = ModelNames(
            known=PROVIDERS,
            configured=frozenset(access),
            open=open_providers(access) | gateway,
        )
        self._allowed = None if allowed is None else self._full_names(allowed)
        self._connections: dict[tuple[str, int], ProviderConnection] = {}
        self._models: dict[tuple[str, bool], ResolvedModel] = {}

    def resolve(self, name: str | None = None, *, trusted: bool = False) -> ResolvedModel:
        """Returns the named model or chain, or the default; built once and kept."""
        kept = self._models.get((name or "", sdk_retries()))
        if kept is not None and (trusted or self._allowed is None):
            return kept
        names = self._names.resolve_chain(name or self._default)
        if name and self._allowed is not None and not trusted:
            self._require_allowed(names, self._allowed)
        retried = sdk_retries()
        key = (",".join(names), retried)
        if key not in self._models:
            if len(self._models) >= _MAX_MODELS:
                self._models.pop(next(iter(self._models)))
            self._models[key] = (
                self._resolve_one(names[0], last=retried)
                if len(names) == 1
                else self._resolve_chain(names, retried=retried)
            )
        return self._models[key]

    async def close(self) -> None:
        """Closes the connections to providers."""
        while self._connections:
            _, connection = self._connections.popitem()
            await connection.close()

    def _full_names(self, allowed: Collection[str]) -> Sequence[str]:
        """Returns every single model of these; an unknown name allows nothing."""
        names: list[str] = []
        for name in allowed:
            try:
                names += self._names.resolve_chain(name)
            except ModelUnknown as error:
                logger.warning("CHAT_MODELS: {}", error.detail)
        return tuple(dict.fromkeys(names))

    def _require_allowed(self, names: Sequence[str], allowed: Sequence[str]) -> None:
        usual = (*self._names.resolve_chain(self._default), *allowed)
        for name in names:
            if name not in usual and name not in OFFLINES:
                may = ", ".join(dict.fromkeys((*usual, *sorted(OFFLINES))))
                raise ModelNotAllowed(
                    f"Requests to this server may not name the model {name}.",
                    hint=f"Omit the model, or name one of: {may}.",
                )

    def _resolve_chain(self, names: Sequence[str], *, retried: bool) -> ResolvedModel:
        usable = [name for name in names if self._is_usable(name)]
        if len(usable) < 2:
            # With none usable, the first one's error names the missing setting.
            return self._resolve_one(usable[0] if usable else names[0], last=retried)
        # Only the last model retries by itself: before it, the next model is the better attempt.
        last = usable[-1] if retried else None
        members = tuple(self._resolve_one(name, last=name == last) for name in usable)
        chain = ModelChain([member.model for member in members])
        return ResolvedModel(",".join(usable), chain, candidates=members)

    def _is_usable(self, name: str) -> bool:
        try:
            self._find_access(name)
        except ModelNotConfigured as error:
            logger.warning("{} is skipped in the chain: {}", name, error.detail)
            return False
        return True

    def _resolve_one(self, name: str, *, last: bool) -> ResolvedModel:
        access = self._find_access(name)
        if access is None:
            return ResolvedModel(name, self._build_offline[name](), metered=False)
        provider, _, model = name.partition(":")
        policy = self._patience if last else replace(self._patience, retries=0)
        key = (provider, policy.retries)
        if key not in self._connections:
            self._connections[key] = _connect(provider)(access, policy)
        return ResolvedModel(name, GuardedModel(self._connections[key].model(model)))

    def _find_access(self, name: str) -> ProviderAccess | None:
        """Returns the access to the model's provider; None for an offline model, which needs none."""
        if name in self._build_offline:
            return None
        if name in OFFLINES:
            raise ModelNotConfigured(f"{name} is not part of this version of Candor.")
        if self._offline_only:
            raise ModelNotConfigured(
                f"{name} needs a network, but --offline is set.",
                hint=f"Omit --offline, or use {OFFLINE}.",
            )
        provider, _, model = name.partition(":")
        access = self._access.get(access_of(provider))
        if access is None:
            needs = _PROVIDERS[provider].needs
            raise ModelNotConfigured(
                f"{needs} {'are' if ' and ' in needs else 'is'} not set, which {name} needs.",
                hint=f"{ModelNotConfigured.default_hint} "
                + "".join(
                    f"To ask {each} for its model of this name, write {each}:{provider}/{model}."
                    for each in sorted(self._names.open)
                ),
            )
        return access
