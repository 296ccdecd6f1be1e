"""Making parts, and the parts that all capabilities share: time, ids, the store, traces.

Promises: a part is imported and made at its first use, and once; what was opened is closed in reverse
order; a part that cannot be made says which name is missing. A test fills a part otherwise by setting
it before its first use: `candor.clock = clock`.

Leaves to others: which adapter fills which port (each capability's composition). A test holds what a
part is given against the types that its constructor names, for the type checker cannot.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import cached_property
from importlib import import_module
from inspect import iscoroutinefunction, signature
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias, TypeVar, cast

from pydantic import SecretStr

from backend.settings.settings import Settings
from use_cases.kernel.errors import Unavailable
from use_cases.kernel.text.rules import RuleSet, read_rules_with

if TYPE_CHECKING:
    from pydantic_ai.capabilities import AgentCapability

    from backend.observability.tracing import Tracing
    from use_cases.kernel.jobs.orders import WorkQueue
    from use_cases.kernel.runs.turn import Listener

Made = TypeVar("Made")
Argument: TypeAlias = str | Callable[[Settings], object] | None
"""The name of a part or setting, a function of the settings, or None for the default."""


def imported(path: str) -> Any:
    """Imports the object that `module:name` names. Raises `Unavailable` where the extra `postgresql` is missing."""
    module, _, name = path.partition(":")
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as missing:
        if missing.name not in ("psycopg", "psycopg_pool", "procrastinate"):
            raise
        raise Unavailable(
            f"PostgreSQL needs {missing.name}, which is not installed.",
            hint='Install it: pip install "psycopg[binary,pool]" "procrastinate>=3.10,<4".',
        ) from missing


class Part(cached_property[Made]):
    """`name: "Part[Type]" = Part("module:name")`: imported and called at its first use, then kept.

    A path that begins with a dot is relative to the package that its composition names in `within`.
    Each parameter is given the part of its own name, or of the name that `names` has for it; no part
    of the capability, nor one that all share, then a setting; where there is none, its default. A
    function in `names` is given the settings; None leaves the default whatever there is. `closing`:
    it has a `close`, which is called at the end. The part is None where the settings do not fulfil
    `only_if`.
    """

    def __init__(
        self,
        path: str,
        /,
        *,
        closing: bool = False,
        only_if: Callable[[Settings], object] | None = None,
        **names: Argument,
    ) -> None:
        def make(parts: "Composition") -> Made:
            if only_if is not None and not only_if(parts.settings):
                return cast("Made", None)
            kind = imported(self.path)
            made = kind(**parts.named(kind, names))
            if closing and iscoroutinefunction(made.close):
                parts.candor.closing.push_async_callback(made.close)
            elif closing:
                parts.candor.closing.callback(made.close)
            return made

        super().__init__(make)
        self.path = path
        self.names = names

    def __set_name__(self, owner: "type[Composition]", name: str) -> None:
        super().__set_name__(owner, name)
        if self.path.startswith("."):
            self.path = owner.within + self.path


class Inner(Part[Any]):
    """A part that only other parts are given; no door uses it, so its type is not repeated."""


class Parts(Part[Made]):
    """All parts of a capability, by the path of its composition."""


class Shared(cached_property[Any]):
    """A port of the kernel that a capability fills for the others: the path of its part."""

    def __init__(self, path: str) -> None:
        super().__init__(attrgetter(path))


class Composition:
    """The parts of one capability."""

    within: ClassVar[str]
    """The package of its use cases."""

    def __init__(self, candor: "Foundation") -> None:
        self.candor = candor
        self.settings = candor.settings

    def named(self, kind: Any, names: Mapping[str, Argument]) -> dict[str, Any]:
        """Finds the argument for each parameter of `kind`."""
        found = dict[str, Any]()
        for each, parameter in signature(kind).parameters.items():
            name = names.get(each, each)
            if callable(name):
                found[each] = name(self.settings)
            elif name and (place := self._place(name)):
                value = getattr(place, name)
                found[each] = value.get_secret_value() if isinstance(value, SecretStr) else value
            elif parameter.default is parameter.empty or (each in names and name):
                raise AttributeError(f"No part and no setting is called {name!r}.")
        return found

    def _place(self, name: str) -> "Composition | Settings | None":
        """Returns what has a part or setting of this name; looking at it makes no part."""
        places = (self, self.candor, self.settings)
        return next((at for at in places if name in vars(at) or hasattr(type(at), name)), None)


def _read_rules(name: str) -> RuleSet:
    """Reads a set of rules of language; imported by the first that is asked for."""
    return imported("services.rules.rule_files:read_rules")(name)


class Foundation(Composition):
    """Use it as an async context manager.

    `serving`: it will run for long, so vectors are kept in memory. `offline`: no part may reach for
    the network, whatever the settings say.
    """

    def __init__(self, settings: Settings, *, serving: bool = False, offline: bool = False) -> None:
        self.settings = settings.offline() if offline else settings
        self.serving = serving
        self.offline = offline
        self.closing = AsyncExitStack()
        self.listeners: list[Listener] = []
        read_rules_with(_read_rules)
        super().__init__(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: Any) -> None:
        await self.closing.__aexit__(*raised)

    async def open_store(self) -> None:
        """Opens the store now, rather than at its first use. Raises `CandorError`."""
        await self.store.open()

    clock = Inner("services.system:SystemClock")
    # The real time, also where `clock` is set by hand.
    system_clock = Inner("services.system:SystemClock")
    ids = Inner("services.system:TimeSortedIds", clock="system_clock")
    entropy = Inner("services.system:SystemEntropy")
    store = Inner(
        "services.store.store:Store",
        closing=True,
        url="store_url",
        synchronous="sqlite_synchronous",
    )
    stored_leases = Inner("services.store.leases:SqlLeases")
    leases = Inner("use_cases.kernel.runs.inflight:LeaseKeeper", leases="stored_leases")
    data_folder = Inner("services.store.engine.address:DataFolder", path="data_path")
    prompt_registry = Inner("services.store.stored_prompts:SqlPromptRegistry")
    jobs = Inner("services.store.jobs:SqlJobs")
    output_cache = Inner("services.store.evaluation_records:SqlOutputCache")
    process_name = Inner("services.system:process_name")
    job_runner = Inner("use_cases.kernel.jobs.work:JobRunner", worker="process_name")
    own_queue = Inner("services.work.own_queue:OwnQueue")
    server_queue = Inner("services.work.server_queue:ServerQueue", closing=True, url="store_url")
    links = Inner(
        "use_cases.kernel.citations.sources:LinkPolicy",
        link_hosts="answer_link_hosts",
        image_hosts="answer_image_hosts",
    )
    citations = Inner("use_cases.kernel.citations.sources:CitationPolicy")
    estimate = Inner("use_cases.kernel.identity.admission:Estimate", cost="unknown_cost")
    secrets = Inner(
        "use_cases.kernel.text.secrets:SecretFilter",
        values=lambda settings: tuple(settings.secrets().values()),
    )

    @cached_property
    def work_queue(self) -> "WorkQueue":
        """The queue that all processes share on PostgreSQL; elsewhere this one's own.

        Raises `Unavailable` where a package is missing.
        """
        return self.server_queue if self.settings.store_is_server else self.own_queue

    @cached_property
    def tracing(self) -> "Tracing | None":
        """Traces; None where none are wanted. Raises `TracingNotInstalled`."""
        from backend.observability.tracing import tracing

        found = tracing(self.settings)
        if found is not None:
            self.closing.push_async_callback(found.close)
        return found

    @cached_property
    def instruments(self) -> "Sequence[AgentCapability[Any]]":
        """The capabilities that every agent is built with: traces, where they are enabled."""
        return [self.tracing.instrumentation()] if self.tracing else ()
