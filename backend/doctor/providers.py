"""Checks of the chat models, the embedder, the reranker and Linear: configuration, and online an answer.

Without `online` no provider is contacted. With it each gets one tiny question, all at the same time
and each within a bounded time. A key is never shown.
"""

from collections.abc import AsyncGenerator, Sequence

import anyio
import anyio.to_thread

from backend.composition.container import Container
from backend.doctor.databases import sqlite_file
from backend.doctor.findings import Check, CheckResult, Level, failed_check
from backend.settings.models import OFFLINE_MODEL
from use_cases.kernel.errors import CandorError, UpstreamTimeout
from use_cases.kernel.runs.check_models import DefaultModel, ModelOrigin

_LONGEST_WAIT = 30.0  # seconds for one answer
_NAMED_BY = {
    ModelOrigin.STORED: "`candor prompts default-model chat.answer`",
    ModelOrigin.ENVIRONMENT: "CHAT_MODEL",
    ModelOrigin.BUILT_IN: "the built-in defaults",
}


async def model(candor: Container) -> CheckResult:
    """Checks the default chat model, or the chain of them."""
    default = await _default(candor)
    name = ",".join(await anyio.to_thread.run_sync(candor.check_models.candidates, default))
    if name == OFFLINE_MODEL and candor.settings.openai_base_url:
        return CheckResult(
            Level.WARN,
            f"{name}, although OPENAI_BASE_URL is set",
            "Name the server's model in CHAT_MODEL, for example openai:llama3.",
        )
    missing = await anyio.to_thread.run_sync(candor.check_models.missing_requirements, default.name)
    if missing:
        return CheckResult(
            Level.WARN,
            f"{name}; left out: {' '.join(missing)}",
            f"Put the key into .env, or take the model out of {_NAMED_BY[default.origin]}.",
        )
    note = "needs no key and no network" if name == OFFLINE_MODEL else "not contacted"
    return CheckResult(Level.OK, f"{name} (from {_NAMED_BY[default.origin]}; {note})")


async def configured(candor: Container) -> CheckResult:
    """Reports the providers that are configured."""
    names = list(candor.settings.providers)
    return CheckResult(
        Level.OK, ", ".join(names) if names else "none configured; answers are made offline"
    )


async def embedder(candor: Container) -> CheckResult:
    """Checks that the local embedder works, or that a provider's is configured."""
    settings = candor.settings
    name = candor.knowledge.check.embedder
    if name is None:
        return CheckResult(
            Level.FAIL,
            f"{settings.embedding_model} cannot be used",
            "`candor models check FOLDER` says why; or set EMBEDDING_MODEL=local."
            if settings.embeds_here
            else "Set EMBEDDING_API_KEY, or EMBEDDING_MODEL=local.",
        )
    if not settings.embeds_here:
        return CheckResult(Level.OK, f"{name} (not contacted)")
    model = candor.knowledge.install_model
    if model is not None and not model.inspect().installed:
        return CheckResult(
            Level.WARN,
            f"{name} is not installed yet; search uses full text alone",
            "Run: candor models install",
        )
    return await _embeds(candor)


async def reranker(candor: Container) -> CheckResult:
    """Reports the reranker, if there is one."""
    if candor.settings.reranker_folder:
        return await _reranks(candor)
    return CheckResult(Level.OK, candor.knowledge.check.reranker or "off")


async def projects(candor: Container) -> CheckResult:
    """Reports where projects are created."""
    settings = candor.settings
    if not settings.linear_access_key:
        return CheckResult(Level.OK, "recorded on this installation; LINEAR_ACCESS_KEY is not set")
    team = f"team {settings.linear_team_key}" if settings.linear_team_key else "the only team"
    return CheckResult(Level.OK, f"Linear, {team} (not contacted)")


async def online(candor: Container) -> AsyncGenerator[Check, None]:
    """Asks each provider, all at once; yields the findings in a fixed order."""
    default = await _default(candor)
    names = await anyio.to_thread.run_sync(_models_to_ask, candor, default)
    asked = [*names, *_others(candor)]
    found: dict[str, CheckResult] = {}

    async def ask(name: str) -> None:
        found[name] = await _answer(candor, name)

    async with anyio.create_task_group() as group:
        for name in asked:
            group.start_soon(ask, name)
    for name in asked:
        yield Check(f"asked {name}", found[name])
    for name in _never_asked(candor, names):
        yield Check(
            f"asked {name}",
            CheckResult(
                Level.WARN,
                f"{name} is configured, but no model of it to ask is known",
                f"Name one of its models in CHAT_MODEL, as {name}:model.",
            ),
        )


async def _default(candor: Container) -> DefaultModel:
    """Returns the default model; nothing is stored in a store that is not there yet."""
    path = sqlite_file(candor.settings.store_url)
    if path is not None and not path.exists():
        return candor.check_models.configured
    return await candor.check_models.default()


def _models_to_ask(candor: Container, default: DefaultModel) -> Sequence[str]:
    """Returns the default model or chain, then one of each other provider that has a key."""
    chain = [name for name in candor.check_models.candidates(default) if name != OFFLINE_MODEL]
    asked = {_provider(name) for name in chain}
    others = candor.settings.default_models.items()
    return [*chain, *(name for provider, name in others if provider not in asked)]


def _never_asked(candor: Container, asked: Sequence[str]) -> Sequence[str]:
    providers = {_provider(name) for name in asked}
    return [name for name in candor.settings.providers if name not in providers]


def _provider(name: str) -> str:
    """Returns `openai` for `openai-chat:gpt-4.1`."""
    return name.partition(":")[0].partition("-")[0]


def _others(candor: Container) -> Sequence[str]:
    check = candor.knowledge.check
    settings = candor.settings
    return [
        *(["embedder"] if check.embedder and not settings.embeds_here else []),
        *(["reranker"] if check.reranker and not settings.reranker_folder else []),
        *(["linear"] if candor.settings.linear_access_key else []),
    ]


async def _answer(candor: Container, name: str) -> CheckResult:
    wait = min(candor.settings.chat_timeout_seconds, _LONGEST_WAIT)
    try:
        with anyio.fail_after(wait):
            return await _asked(candor, name)
    except TimeoutError:
        late = UpstreamTimeout(f"{name} did not answer in {wait:g} s.")
        return CheckResult(Level.FAIL, f"{late.code}: {late.detail}", late.hint)
    except CandorError as error:
        return CheckResult(Level.FAIL, f"{error.code}: {error.detail}", error.hint)
    except Exception as error:  # noqa: BLE001  (the other answers are still awaited)
        return failed_check(name, error)


async def _asked(candor: Container, name: str) -> CheckResult:
    match name:
        case "embedder":
            return await _embeds(candor)
        case "reranker":
            return await _reranks(candor)
        case "linear":
            place = await candor.conversations.create_project.place()
            return CheckResult(Level.OK, f"{place} takes projects")
        case _:
            return CheckResult(Level.OK, f"answers, as {await candor.check_models.ask(name)}")


async def _embeds(candor: Container) -> CheckResult:
    test = await candor.knowledge.check.embed()
    if test is None or not test.works:
        name = candor.knowledge.check.embedder
        return CheckResult(Level.FAIL, f"{name} returns vectors of another length")
    return CheckResult(Level.OK, f"{test.embedder}, {test.dimensions} dimensions, works")


async def _reranks(candor: Container) -> CheckResult:
    await candor.knowledge.check.rerank()
    return CheckResult(Level.OK, f"{candor.knowledge.check.reranker} works")
