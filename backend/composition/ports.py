"""The ports as they are filled, and what lives as long as they do.

Knows no adapter: `backend/composition/adapters.py` fills the ports, and a test may fill any of them otherwise.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from backend.settings.settings import Settings

if TYPE_CHECKING:
    # Only named: a command pays for importing what it uses, at its first use.
    from backend.observability.tracing import Tracing
    from use_cases.advice.model import Response
    from use_cases.advice.ports import Calibrations, Profiles, Prompts, Responses, WebSearch
    from use_cases.chat.inflight import InFlight
    from use_cases.chat.model import Answer
    from use_cases.chat.ports import Answers, Chats, Transcript
    from use_cases.kernel.citations.sources import CitationPolicy
    from use_cases.kernel.identity.admission import Admissions, Budget, Estimate
    from use_cases.kernel.identity.api_key import ApiKeys
    from use_cases.kernel.ports import Clock, Entropy, Ids, Models, StructuredData
    from use_cases.kernel.runs.leasing import LeaseKeeper, Leases
    from use_cases.knowledge.ports import (
        Embedder,
        Lanes,
        Library,
        ModelFiles,
        Reader,
        Reranker,
        Sources,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """How each port is filled: a function that makes the adapter, called once, when it is needed."""

    clock: "Callable[[], Clock]"
    ids: "Callable[[], Ids]"
    entropy: "Callable[[], Entropy]"
    sources: "Callable[[], Sources]"
    reader: "Callable[[], Reader]"
    embedder: "Callable[[], Embedder | None]"
    model_files: "Callable[[], ModelFiles]"
    library: "Callable[[], Library]"
    lanes: "Callable[[], Lanes]"
    reranker: "Callable[[], Reranker | None]"
    data: "Callable[[], StructuredData]"
    models: "Callable[[], Models]"
    answers: "Callable[[], Answers]"
    chats: "Callable[[], Chats]"
    transcript: "Callable[[], Transcript]"
    open_store: "Callable[[], Awaitable[None]]"
    leases: "Callable[[], Leases]"
    admissions: "Callable[[], Admissions]"
    api_keys: "Callable[[], ApiKeys]"
    responses: "Callable[[], Responses]"
    calibrations: "Callable[[], Calibrations]"
    profiles: "Callable[[], Profiles]"
    prompts: "Callable[[], Prompts | None]"
    web_search: "Callable[[], WebSearch | None]"


class Parts:
    """The ports of a running Candor, each made when it is first asked for."""

    def __init__(self, settings: Settings, ports: Ports, closing: AsyncExitStack) -> None:
        self.settings = settings
        self.listeners: list[Callable[[Answer], None]] = []
        """Whoever is to hear of each answer that is kept."""
        self.advice_listeners: list[Callable[[Response], None]] = []
        """Whoever is to hear of all advice that is kept."""
        self._ports = ports
        self._closing = closing

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._closing.__aexit__(kind, error, trace)

    @cached_property
    def citations(self) -> "CitationPolicy":
        """When a citation is weak, and which addresses an answer may show."""
        from use_cases.kernel.citations.sources import CitationPolicy, LinkPolicy

        told = self.settings
        links = LinkPolicy(told.answer_link_hosts, told.answer_image_hosts)
        return CitationPolicy(weak_below=told.citation_weak_below, links=links)

    @cached_property
    def tracing(self) -> "Tracing | None":
        """Traces; None where none are wanted. Raises `TracingNotInstalled`."""
        from backend.observability.tracing import tracing

        found = tracing(self.settings)
        if found is not None:
            self._closing.push_async_callback(found.close)
        return found

    # Ports

    @cached_property
    def clock(self) -> "Clock":
        """Time."""
        return self._ports.clock()

    @cached_property
    def embedder(self) -> "Embedder | None":
        """Text to vectors; None where a remote model has no key."""
        return self._ports.embedder()

    @cached_property
    def reranker(self) -> "Reranker | None":
        """Orders what was found anew, if that is wanted."""
        return self._ports.reranker()

    @cached_property
    def library(self) -> "Library":
        """The stored documents."""
        return self._ports.library()

    @cached_property
    def lanes(self) -> "Lanes":
        """The two ways to find a passage."""
        return self._ports.lanes()

    @cached_property
    def data(self) -> "StructuredData":
        """The loaded tables, read-only."""
        return self._ports.data()

    @cached_property
    def models(self) -> "Models":
        """Chat models by name."""
        return self._ports.models()

    @cached_property
    def answers(self) -> "Answers":
        """The recorded answers."""
        return self._ports.answers()

    @cached_property
    def chats(self) -> "Chats":
        """The chats."""
        return self._ports.chats()

    async def open_store(self) -> None:
        """Create the store where there is none, and bring it up to date: before a server takes
        questions. Raises the storage's errors.
        """
        await self._ports.open_store()

    @cached_property
    def inflight(self) -> "InFlight":
        """The turns that are being answered."""
        from use_cases.chat.inflight import InFlight

        return InFlight(self.leases)

    @cached_property
    def admissions(self) -> "Admissions":
        """What callers ask and use."""
        return self._ports.admissions()

    @cached_property
    def budget(self) -> "Budget":
        """What a key may use on a day, unless it has limits of its own."""
        from use_cases.kernel.identity.admission import Budget

        return Budget(self.settings.tokens_per_day, self.settings.cost_per_day)

    @cached_property
    def estimate(self) -> "Estimate":
        """What counts where tokens or a price are not known."""
        from use_cases.kernel.identity.admission import Estimate

        return Estimate(self.settings.unknown_tokens, self.settings.unknown_cost)

    @cached_property
    def leases(self) -> "LeaseKeeper":
        """What this process holds for all to see."""
        from use_cases.kernel.runs.leasing import LeaseKeeper

        return LeaseKeeper(leases=self._ports.leases(), clock=self.clock)
