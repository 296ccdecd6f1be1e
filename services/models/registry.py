"""Models by name, each built when it is first asked for and kept.

A name is `provider:model`, a bare name (see `names`), or several with commas between them: a chain,
in which the next is asked when one cannot be had. Of a chain, models whose key is missing are left
out; a name nobody knows is an error all the same, because it is a slip of the pen.

Where requests come from others, they may name only the models that are allowed: each of them costs
money on the owner's account.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from loguru import logger
from pydantic_ai.models import Model

from services.models import other_families
from services.models.access import Access, Connect, Connection, Patience
from services.models.chain import ModelChain
from services.models.malformed_answers import GuardedModel
from services.models.model_spec import OFFLINE, OFFLINES, Names, access_of
from use_cases.kernel.errors import ModelNotAllowed, ModelNotConfigured, ModelUnknown
from use_cases.kernel.ports import ResolvedModel

_MOST_KEPT = 100  # models; names come from requests, too


@dataclass(frozen=True, slots=True)
class _Kind:
    """A provider: how it is connected, the settings without which it cannot be reached, and whether
    it serves models of any name.
    """

    connect: Callable[[], Connect]
    needs: str
    open: bool = False


def _openai_family(name: str) -> Callable[[], Connect]:
    def found() -> Connect:
        # Imported here: the SDK costs most of a second, which an offline answer need not wait for.
        from services.models import openai_family

        return {
            "openai": openai_family.openai,
            "openai-chat": openai_family.openai_chat,
            "openai-responses": openai_family.openai_responses,
            "azure": openai_family.azure,
            "azure-responses": openai_family.azure_responses,
            "xai": openai_family.xai,
            "ollama": openai_family.ollama,
            "vllm": openai_family.vllm,
            "openrouter": openai_family.openrouter,
        }[name]

    return found


_AZURE = "AZURE_OPENAI_API_KEY and AZURE_OPENAI_ENDPOINT"
_KINDS: Mapping[str, _Kind] = {
    "openai": _Kind(_openai_family("openai"), "OPENAI_API_KEY"),
    "openai-chat": _Kind(_openai_family("openai-chat"), "OPENAI_API_KEY"),
    "openai-responses": _Kind(_openai_family("openai-responses"), "OPENAI_API_KEY"),
    "azure": _Kind(_openai_family("azure"), _AZURE, open=True),
    "azure-responses": _Kind(_openai_family("azure-responses"), _AZURE),
    "anthropic": _Kind(lambda: other_families.anthropic, "ANTHROPIC_API_KEY"),
    "google": _Kind(lambda: other_families.google, "GOOGLE_API_KEY"),
    "xai": _Kind(_openai_family("xai"), "XAI_API_KEY"),
    "cohere": _Kind(lambda: other_families.cohere, "COHERE_API_KEY"),
    "openrouter": _Kind(_openai_family("openrouter"), "OPENROUTER_API_KEY", open=True),
    "ollama": _Kind(_openai_family("ollama"), "OLLAMA_BASE_URL", open=True),
    "vllm": _Kind(_openai_family("vllm"), "VLLM_BASE_URL", open=True),
}

PROVIDERS = tuple(_KINDS)
"""The providers that can be named."""


class ModelRegistry:
    """Implements the port `Models`. `access` holds only providers that are configured.

    `offline` builds the models that need no network, by name. `offline_only` refuses every model that needs a network.
    `allowed` are the models that may be named, beside the default and the offline ones; None for any.
    """

    def __init__(
        self,
        *,
        default: str,
        access: Mapping[str, Access],
        offline: Mapping[str, Callable[[], Model]],
        patience: Patience | None = None,
        offline_only: bool = False,
        allowed: Collection[str] | None = None,
    ) -> None:
        self._default = default
        self._access = access
        self._patience = patience or Patience()
        self._build_offline = offline
        self._offline_only = offline_only
        openai = access.get("openai")
        gateway = {"openai"} if openai and openai.base_url else set[str]()
        self._names = Names(
            known=PROVIDERS,
            configured=frozenset(access),
            open={name for name in access if _KINDS[name].open} | gateway,
        )
        self._allowed = None if allowed is None else self._full_names(allowed)
        self._connections: dict[tuple[str, int], Connection] = {}
        self._models: dict[str, ResolvedModel] = {}

    def resolve(self, name: str | None = None) -> ResolvedModel:
        """The named model or chain, or the default; built once and kept."""
        names = self._names.chain(name or self._default)
        if name and self._allowed is not None:
            self._require_allowed(names, self._allowed)
        key = ",".join(names)
        if key not in self._models:
            if len(self._models) >= _MOST_KEPT:
                self._models.pop(next(iter(self._models)))
            self._models[key] = self._one(names[0]) if len(names) == 1 else self._chain(names)
        return self._models[key]

    async def close(self) -> None:
        """Close the connections to providers."""
        while self._connections:
            _, connection = self._connections.popitem()
            await connection.close()

    def _full_names(self, allowed: Collection[str]) -> Sequence[str]:
        """Every single model of these; a name that cannot be placed allows nothing."""
        found: list[str] = []
        for name in allowed:
            try:
                found += self._names.chain(name)
            except ModelUnknown as error:
                logger.warning("CHAT_MODELS: {}", error.detail)
        return tuple(dict.fromkeys(found))

    def _require_allowed(self, names: Sequence[str], allowed: Sequence[str]) -> None:
        usual = (*self._names.chain(self._default), *allowed)
        for name in names:
            if name not in usual and name not in OFFLINES:
                may = ", ".join(dict.fromkeys((*usual, *sorted(OFFLINES))))
                raise ModelNotAllowed(
                    f"Requests to this server may not name the model {name}.",
                    hint=f"Omit the model, or name one of: {may}.",
                )

    def _chain(self, names: Sequence[str]) -> ResolvedModel:
        usable = [name for name in names if self._usable(name)]
        if len(usable) < 2:
            # None: the first one says what it lacks.
            return self._one(usable[0] if usable else names[0])
        # Only the last one may ask its provider again by itself: until then, the next is the better try.
        members = tuple(self._one(name, last=name == usable[-1]) for name in usable)
        chain = ModelChain([member.model for member in members])
        return ResolvedModel(",".join(usable), chain, candidates=members)

    def _usable(self, name: str) -> bool:
        try:
            self._reached(name)
        except ModelNotConfigured as error:
            logger.warning("{} is skipped in the chain: {}", name, error.detail)
            return False
        return True

    def _one(self, name: str, *, last: bool = True) -> ResolvedModel:
        access = self._reached(name)
        if access is None:
            return ResolvedModel(name, self._build_offline[name](), metered=False)
        provider, _, model = name.partition(":")
        patience = self._patience if last else replace(self._patience, retries=0)
        place = (provider, patience.retries)
        if place not in self._connections:
            self._connections[place] = _KINDS[provider].connect()(access, patience)
        return ResolvedModel(name, GuardedModel(self._connections[place].model(model)))

    def _reached(self, name: str) -> Access | None:
        """How the model's provider is reached; None for an offline model, which needs none."""
        if name in self._build_offline:
            return None
        if name in OFFLINES:
            raise ModelNotConfigured(f"{name} is not part of this version of Candor.")
        if self._offline_only:
            raise ModelNotConfigured(
                f"{name} needs a network, but --offline is set.",
                hint=f"Omit --offline, or use {OFFLINE}.",
            )
        provider = name.partition(":")[0]
        access = self._access.get(access_of(provider))
        if access is None:
            needs = _KINDS[provider].needs
            raise ModelNotConfigured(
                f"{needs} {'are' if ' and ' in needs else 'is'} not set, which {name} needs."
            )
        return access
