"""The prompts of the registry, on a store: versions, labels, going back, purposes."""

from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

import pytest

from services.store.store import Store
from services.store.stored_prompts import SqlPromptRegistry
from tests.fakes.clock import FixedClock
from tests.fakes.ids import CountedIds
from tests.templates import migrated_store
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import Caller, Scope
from use_cases.kernel.prompts.content import PromptContent, PromptMessage, Role, built_in
from use_cases.kernel.prompts.manage_prompts import LabelProtected, ManagePrompts
from use_cases.kernel.prompts.prompt_registry import (
    PromptChanged,
    PromptFilter,
    PromptInvalid,
    PromptNotFound,
)

pytestmark = pytest.mark.anyio

ANNA = Caller("anna")
BORIS = Caller("boris", scopes=frozenset({Scope.PLAYGROUND}))
CHAT = "chat.answer"
SHIPPED = built_in("Answer from the sources.")
KIND = built_in("Answer kindly.")
SHORT = built_in("Answer shortly.")


class Shipped:
    def contents(self) -> Mapping[str, PromptContent]:
        return {CHAT: SHIPPED}

    def recorded(self) -> Mapping[str, PromptContent]:
        return {"chat-1-274fc283": built_in("Answer from the sources.", "This chat is open.")}


class Advising:
    def contents(self) -> Mapping[str, PromptContent]:
        return {"advice.general.default": built_in("Advise.")}

    def recorded(self) -> Mapping[str, PromptContent]:
        return {}


@pytest.fixture
async def prompts(tmp_path: Path) -> AsyncGenerator[ManagePrompts]:
    store = Store(migrated_store(tmp_path / "candor.sqlite"))
    yield ManagePrompts(
        prompt_registry=SqlPromptRegistry(store),
        built_in={"chat": Shipped, "advice": Advising},
        clock=FixedClock(),
        ids=CountedIds(),
    )
    await store.close()


async def test_the_prompts_of_one_group_are_had_without_those_of_others(
    prompts: ManagePrompts,
) -> None:
    assert [list(prompts.purposes("chat")), list(prompts.purposes())] == [
        [CHAT],
        [CHAT, "advice.general.default"],
    ]


async def in_use(prompts: ManagePrompts) -> int:
    return next(each.in_use for each in await prompts.types(ANNA) if each.purpose == CHAT)


async def test_a_purpose_begins_with_its_built_in_version(prompts: ManagePrompts) -> None:
    for name in (CHAT, "chat.answer@0", "chat.answer@production"):
        version = await prompts.version(BORIS, name)
        assert (version.number, version.content, version.message) == (0, SHIPPED, "built in")
    assert [
        (each.purpose, each.in_use, each.prompt.latest) for each in await prompts.types(ANNA)
    ] == [
        ("advice.general.default", 0, 0),
        (CHAT, 0, 0),
    ]
    assert not await prompts.versions(ANNA, CHAT)
    assert not await prompts.labels(ANNA, CHAT)
    assert not (await prompts.save(ANNA, CHAT, SHIPPED)).new


async def test_a_version_is_used_when_it_has_the_label(prompts: ManagePrompts) -> None:
    saved = await prompts.save(BORIS, CHAT, KIND, message="kinder")
    assert (saved.version.number, saved.version.author, saved.new) == (1, "boris", True)
    assert await in_use(prompts) == 0
    move = await prompts.move(ANNA, "chat.answer@1", "production", evidence="eval_1")
    assert (move.from_version, move.to_version, move.author) == (None, 1, "anna")
    assert await in_use(prompts) == 1
    assert (await prompts.version(BORIS, CHAT)).content.digest == KIND.digest
    assert [each.evidence for each in await prompts.history(BORIS, CHAT)] == ["eval_1"]


async def test_going_back_leads_to_the_version_before_and_to_the_built_in_one(
    prompts: ManagePrompts,
) -> None:
    await prompts.save(ANNA, CHAT, KIND)
    await prompts.save(ANNA, CHAT, SHORT)
    with pytest.raises(PromptNotFound, match="never moved"):
        await prompts.roll_back(ANNA, CHAT)
    await prompts.move(ANNA, "chat.answer@1", "production")
    await prompts.move(ANNA, "chat.answer@latest", "production")
    assert (await prompts.roll_back(ANNA, CHAT)).to_version == 1
    await prompts.move(ANNA, "chat.answer@0", "production")
    assert await in_use(prompts) == 0
    assert (await prompts.roll_back(ANNA, CHAT)).to_version == 1
    reasons = [each.reason for each in await prompts.history(ANNA, CHAT)]
    assert reasons == ["back from version 0", "", "back from version 2", "", ""]


async def test_going_back_passes_over_a_version_that_was_promoted_once_more(
    prompts: ManagePrompts,
) -> None:
    await prompts.save(ANNA, CHAT, KIND)
    await prompts.move(ANNA, "chat.answer@0", "production")
    with pytest.raises(PromptNotFound, match="never moved"):
        await prompts.roll_back(ANNA, CHAT)
    for _ in range(3):
        await prompts.move(ANNA, "chat.answer@1", "production")
    assert (await prompts.roll_back(ANNA, CHAT)).to_version is None
    assert await in_use(prompts) == 0


async def test_a_version_that_is_not_there_is_refused_by_the_name_of_its_prompt(
    prompts: ManagePrompts,
) -> None:
    await prompts.save(ANNA, CHAT, KIND)
    for asked in (prompts.version(ANNA, "chat.answer@7"), prompts.move(ANNA, "chat.answer@7", "x")):
        with pytest.raises(PromptNotFound, match=r"There is no version 7 of chat\.answer\."):
            await asked


async def test_a_built_in_prompt_of_which_nothing_was_saved_is_called_so(
    prompts: ManagePrompts,
) -> None:
    for refused in (prompts.roll_back(ANNA, CHAT), prompts.delete(ANNA, CHAT)):
        with pytest.raises(PromptNotFound, match=r"chat\.answer has its built-in text alone"):
            await refused
    with pytest.raises(PromptNotFound, match="There is no prompt 'nonsense'"):
        await prompts.roll_back(ANNA, "nonsense")


async def test_going_back_from_the_first_move_takes_the_label_away(prompts: ManagePrompts) -> None:
    own = await prompts.create(ANNA, "Own")
    await prompts.save(ANNA, own.prompt_id, PromptContent((PromptMessage(Role.USER, "{{a}}"),)))
    await prompts.move(ANNA, f"{own.prompt_id}@1", "staging")
    await prompts.roll_back(ANNA, own.prompt_id, "staging")
    assert not await prompts.labels(ANNA, own.prompt_id)


async def test_deleting_reverts_and_keeps_the_record(prompts: ManagePrompts) -> None:
    await prompts.save(ANNA, CHAT, KIND)
    await prompts.move(ANNA, "chat.answer@1", "production")
    await prompts.delete(ANNA, CHAT)
    assert await in_use(prompts) == 0
    assert (await prompts.version(ANNA, "chat.answer@1")).digest == KIND.digest
    with pytest.raises(PromptNotFound, match="no version 2 of chat"):
        await prompts.version(ANNA, "chat.answer@2")
    with pytest.raises(PromptNotFound):
        await prompts.delete(ANNA, CHAT)
    again = await prompts.save(ANNA, CHAT, SHORT)
    assert again.version.number == 2
    assert (await prompts.history(ANNA, CHAT))[0].reason == "prompt deleted"
    assert (await prompts.save(ANNA, CHAT, KIND)).version.number == 1


async def test_what_is_protected_needs_the_scope(prompts: ManagePrompts) -> None:
    await prompts.save(BORIS, CHAT, KIND)
    await prompts.move(BORIS, "chat.answer@1", "staging")
    for refused in (
        prompts.move(BORIS, "chat.answer@1", "production"),
        prompts.delete(BORIS, CHAT),
    ):
        with pytest.raises(LabelProtected):
            await refused
    await prompts.move(ANNA, "chat.answer@1", "production")
    for refused in (
        prompts.roll_back(BORIS, CHAT),
        prompts.remove_label(BORIS, CHAT, "production"),
        prompts.use(BORIS, CHAT, "Answer."),
        prompts.use_built_in(BORIS, CHAT),
    ):
        with pytest.raises(LabelProtected):
            await refused
    assert await in_use(prompts) == 1


async def test_labels_are_removed_and_found(prompts: ManagePrompts) -> None:
    await prompts.save(ANNA, CHAT, KIND)
    await prompts.move(ANNA, "chat.answer@1", "staging")
    assert (await prompts.version(ANNA, "chat.answer@staging")).number == 1
    await prompts.remove_label(ANNA, CHAT, "staging")
    for missing in (
        prompts.remove_label(ANNA, CHAT, "staging"),
        prompts.version(ANNA, "chat.answer@staging"),
        prompts.version(ANNA, "chat.answer@9"),
        prompts.version(ANNA, "nothing"),
    ):
        with pytest.raises(PromptNotFound):
            await missing


@pytest.mark.parametrize("label", ["", "Staging", "7", "a b", "x" * 61, "é"])
async def test_a_label_is_a_short_word(prompts: ManagePrompts, label: str) -> None:
    await prompts.save(ANNA, CHAT, KIND)
    with pytest.raises(PromptInvalid, match="no label"):
        await prompts.move(ANNA, "chat.answer@1", label)


async def test_what_the_product_cannot_use_is_never_a_version_of_its_purpose(
    prompts: ManagePrompts,
) -> None:
    with pytest.raises(PromptInvalid, match="one system message"):
        await prompts.save(ANNA, CHAT, PromptContent((PromptMessage(Role.USER, "Hi"),)))
    with pytest.raises(PromptInvalid, match="no variables"):
        await prompts.save(ANNA, CHAT, built_in("Answer {{question}}."))
    with pytest.raises(PromptNotFound):
        await prompts.delete(ANNA, CHAT)  # nothing was made of it


async def test_fields_are_changed_by_the_revision(prompts: ManagePrompts) -> None:
    own = await prompts.create(ANNA, " My \n prompt\0 ", tags=("b", "a ", "b"))
    assert (own.name, own.tags, own.revision) == ("My prompt", ("a", "b"), 1)
    changed = await prompts.change(ANNA, own.prompt_id, description="New.", revision=1)
    assert (changed.name, changed.description, changed.revision) == ("My prompt", "New.", 2)
    with pytest.raises(PromptChanged):
        await prompts.change(ANNA, own.prompt_id, name="Mine", revision=1)
    assert (await prompts.change(ANNA, own.prompt_id, name="Last")).revision == 3
    for wrong in (
        prompts.create(ANNA, " "),
        prompts.create(ANNA, "x" * 256),
        prompts.create(ANNA, "x", tags=("a,b",)),
        prompts.create(ANNA, "x", tags=[str(n) for n in range(51)]),
        prompts.create(ANNA, "x", description="x" * 10_001),
        prompts.save(ANNA, own.prompt_id, KIND, message="x" * 10_001),
    ):
        with pytest.raises(PromptInvalid):
            await wrong
    with pytest.raises(InvalidInput, match="1001"):
        await prompts.list(ANNA, PromptFilter(), limit=1001)


async def test_the_name_in_a_record_shows_what_the_model_got(prompts: ManagePrompts) -> None:
    found = await prompts.version(ANNA, "chat-1-274fc283")
    assert [one.content for one in found.content.messages] == [
        "Answer from the sources.",
        "This chat is open.",
    ]
    await prompts.save(ANNA, "advice.general.default", KIND)
    recorded = await prompts.version(ANNA, "advice.general.default@1-1f0c22ab")
    assert recorded.digest == KIND.digest


async def test_the_text_of_another_release_is_said_not_to_be_here(prompts: ManagePrompts) -> None:
    with pytest.raises(PromptNotFound, match="of another release of Candor") as error:
        await prompts.version(ANNA, "chat-1-00000000")
    assert error.value.hint == "Here the built-in text is chat-1-274fc283."
    with pytest.raises(PromptNotFound, match="There is no prompt"):
        await prompts.version(ANNA, "mine-1-00000000")
