"""A turn of chat over fakes: a test names the ports that it is about."""

from collections.abc import Sequence

from pydantic_ai.models import Model

from tests.fakes.chats import InMemoryChats
from tests.fakes.clock import FixedClock
from tests.fakes.ids import CountedIds
from tests.fakes.leases import keeper
from tests.fakes.prompts import FixedPrompts
from tests.fakes.search import FixedSearch, FixedTables, OneModel
from use_cases.chat.agent import build_agent
from use_cases.chat.chat_turn import AskQuestion, TurnPolicy
from use_cases.kernel.citations.sources import CitationPolicy
from use_cases.kernel.ports import Clock, Ids, Models, Search, StructuredData
from use_cases.kernel.runs.inflight import InFlight
from use_cases.kernel.text.secrets import SecretFilter


def asking_with(
    models: Model | Models,
    *,
    search: Search | None = None,
    data: StructuredData | None = None,
    chats: InMemoryChats | None = None,
    inflight: InFlight | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
    bounds: TurnPolicy | None = None,
    secrets: Sequence[str] = (),
) -> AskQuestion:
    """Return the use case; what is not named is an empty fake."""
    kept = InMemoryChats() if chats is None else chats
    return AskQuestion(
        prompt_registry=FixedPrompts(),
        agent=build_agent(),
        search=search or FixedSearch(),
        data=data or FixedTables(),
        models=OneModel(models) if isinstance(models, Model) else models,
        chats=kept,
        transcript=kept,
        inflight=InFlight(keeper(kept.leases)) if inflight is None else inflight,
        secrets=SecretFilter(secrets),
        clock=clock or FixedClock(),
        ids=ids or CountedIds(),
        citations=CitationPolicy(),
        bounds=bounds or TurnPolicy(),
    )
