"""The promises of the port `PromptRegistry`, of the store."""

from dataclasses import replace

import anyio
import pytest

from services.store.store import Store
from services.store.stored_prompts import KEPT_SECONDS, SqlPromptRegistry
from tests.contracts.keeping import ANNA, BORIS, NOON, at_minute
from tests.fakes.clock import FixedClock
from use_cases.kernel.model import LOCAL
from use_cases.kernel.prompts.content import (
    PromptContent,
    PromptMessage,
    Role,
    RunPrompt,
    Syntax,
    Variable,
    VariableType,
    built_in,
)
from use_cases.kernel.prompts.prompt_registry import (
    PRODUCTION,
    Active,
    Label,
    LabelMove,
    LabelMoved,
    ModelDefault,
    Prompt,
    PromptChanged,
    PromptFilter,
    PromptNotFound,
    PromptRegistry,
    PromptVersion,
)

pytestmark = pytest.mark.anyio

ALL = PromptFilter()
PURPOSE = "chat.answer"
PROMPT = Prompt(
    prompt_id="prompt_1",
    user_id="anna",
    name="Summary",
    created_at=NOON,
    updated_at=NOON,
    description="Of a long text.",
    case_id="case_1",
    tags=("long", "text"),
)
OWN = replace(PROMPT, prompt_id="prompt_own", name="Own", purpose=PURPOSE, case_id=None, tags=())
FULL = PromptContent(
    messages=[
        PromptMessage(Role.SYSTEM, "Be brief."),
        PromptMessage(Role.USER, "Sum up: {{ text }} ☂"),
    ],
    variables=[Variable("text", VariableType.STRING, "nothing", "What is summed up.")],
    settings={"temperature": 0.5, "stop_sequences": ["END"]},
    syntax=Syntax.MUSTACHE,
)

DEFAULT = ModelDefault(purpose=PURPOSE, model="test:model", author="anna", updated_at=NOON)


def version_of(text: str, prompt_id: str = "prompt_1") -> PromptVersion:
    content = built_in(text)
    return PromptVersion(
        prompt_id=prompt_id,
        number=0,
        digest=content.digest,
        content=content,
        message="why",
        author="anna",
        created_at=NOON,
    )


def move(
    name: str,
    came: int | None,
    to: int | None,
    *,
    label: str = PRODUCTION,
    prompt_id: str = "prompt_1",
    minute: int = 0,
) -> LabelMove:
    return LabelMove(
        move_id=f"move_{name}",
        prompt_id=prompt_id,
        label=label,
        from_version=came,
        to_version=to,
        author="anna",
        moved_at=at_minute(minute),
        evidence="eval_1",
        reason="better",
    )


class PromptRegistryContract:
    """The suite, on the store unless a subclass says otherwise."""

    @pytest.fixture
    def registry(self, store: Store) -> PromptRegistry:
        return SqlPromptRegistry(store)

    async def test_a_prompt_is_its_owners_and_one_with_a_purpose_everyones(
        self, registry: PromptRegistry
    ) -> None:
        await registry.add(PROMPT)
        await registry.add(OWN)
        with pytest.raises(PromptNotFound, match="prompt_1"):
            await registry.prompt(BORIS, "prompt_1")
        assert await registry.prompt(BORIS, PURPOSE) == OWN
        assert [each.name for each in await registry.prompts(BORIS, ALL)] == ["Own"]
        assert len(await registry.prompts(LOCAL, ALL)) == 2

    async def test_a_purpose_has_one_prompt(self, registry: PromptRegistry) -> None:
        await registry.add(OWN)
        with pytest.raises(PromptChanged, match=PURPOSE):
            await registry.add(replace(OWN, prompt_id="prompt_2"))

    async def test_prompts_are_found_by_case_tag_and_text(self, registry: PromptRegistry) -> None:
        await registry.add(PROMPT)
        other = replace(PROMPT, prompt_id="prompt_2", name="50% off", case_id=None, tags=("text",))
        await registry.add(other)
        for wanted, names in (
            (PromptFilter(case_id="case_1"), ["Summary"]),
            (PromptFilter(tag="text"), ["50% off", "Summary"]),
            (PromptFilter(tag="long"), ["Summary"]),
            (PromptFilter(tag="lon"), []),
            (PromptFilter(text="SUMM"), ["Summary"]),
            (PromptFilter(text="0%"), ["50% off"]),
            (PromptFilter(text="_"), []),
        ):
            found = await registry.prompts(ANNA, wanted)
            assert ([each.name for each in found], found.total) == (names, len(names)), wanted

    async def test_a_change_takes_other_tags(self, registry: PromptRegistry) -> None:
        await registry.add(PROMPT)
        changed = await registry.change(replace(PROMPT, tags=("new",)), 1)
        assert [*await registry.prompts(ANNA, PromptFilter(tag="new"))] == [changed]
        assert not await registry.prompts(ANNA, PromptFilter(tag="long"))

    async def test_a_change_keeps_the_number_of_the_last_version(
        self, registry: PromptRegistry
    ) -> None:
        await registry.add(PROMPT)
        await registry.save(version_of("a"))
        await registry.change(PROMPT, 1)
        assert (await registry.prompt(ANNA, "prompt_1")).latest == 1

    async def test_versions_are_counted_and_never_stored_twice(
        self, registry: PromptRegistry
    ) -> None:
        await registry.add(PROMPT)
        first = await registry.save(version_of("a"))
        second = await registry.save(version_of("b"))
        again = await registry.save(replace(version_of("a"), author="boris"))
        assert [each.version.number for each in (first, second, again)] == [1, 2, 1]
        assert [each.new for each in (first, second, again)] == [True, True, False]
        assert again.version.author == first.version.author == "anna"
        assert [each.number for each in await registry.versions("prompt_1")] == [2, 1]
        assert (await registry.prompt(ANNA, "prompt_1")).latest == 2
        page = await registry.versions("prompt_1", skip=1, limit=1)
        assert [each.number for each in page] == [1]

    async def test_a_content_comes_back_whole(self, registry: PromptRegistry) -> None:
        await registry.add(PROMPT)
        full = replace(version_of(""), content=FULL, digest=FULL.digest)
        await registry.save(full)
        found = await registry.version("prompt_1", 1)
        assert found == replace(full, number=1)
        assert found.content.digest == found.digest
        with pytest.raises(PromptNotFound, match="version 2"):
            await registry.version("prompt_1", 2)

    async def test_a_version_needs_its_prompt(self, registry: PromptRegistry) -> None:
        with pytest.raises(PromptNotFound):
            await registry.save(version_of("a"))

    async def test_many_save_at_once_and_none_is_lost(self, registry: PromptRegistry) -> None:
        await registry.add(PROMPT)
        async with anyio.create_task_group() as group:
            for number in range(8):
                group.start_soon(registry.save, version_of(str(number // 2)))
        found = await registry.versions("prompt_1")
        assert [each.number for each in found] == [4, 3, 2, 1]
        assert {each.content.messages[0].content for each in found} == set("0123")

    async def test_a_label_moves_from_where_it_was_seen(self, registry: PromptRegistry) -> None:
        await registry.add(PROMPT)
        await registry.save(version_of("a"))
        await registry.save(version_of("b"))
        await registry.move(move("1", None, 1))
        await registry.move(move("2", 1, 2, minute=1))
        await registry.move(move("3", None, 1, label="staging", minute=2))
        assert list(await registry.labels("prompt_1")) == [
            Label(PRODUCTION, 2),
            Label("staging", 1),
        ]
        for seen in (None, 1):
            with pytest.raises(LabelMoved, match="at version 2"):
                await registry.move(move("4", seen, 1))
        moves = await registry.moves("prompt_1", label=PRODUCTION)
        assert list(moves) == [move("2", 1, 2, minute=1), move("1", None, 1)]
        assert [each.move_id for each in await registry.moves("prompt_1", limit=1)] == ["move_3"]

    async def test_a_label_can_be_removed(self, registry: PromptRegistry) -> None:
        await registry.add(PROMPT)
        await registry.save(version_of("a"))
        await registry.move(move("1", None, 1))
        await registry.move(move("2", 1, None))
        assert not await registry.labels("prompt_1")
        with pytest.raises(LabelMoved, match="nowhere"):
            await registry.move(move("3", 1, None))

    async def test_of_those_that_move_a_label_at_once_one_wins(
        self, registry: PromptRegistry
    ) -> None:
        await registry.add(PROMPT)
        for text in "abcdef":
            await registry.save(version_of(text))
        await registry.move(move("0", None, 1))
        won = list[int]()
        lost = list[int]()

        async def contend(to: int) -> None:
            try:
                await registry.move(move(str(to), 1, to, minute=to))
                won.append(to)
            except LabelMoved:
                lost.append(to)

        async with anyio.create_task_group() as group:
            for to in range(2, 7):
                group.start_soon(contend, to)
        assert (len(won), len(lost)) == (1, 4)
        assert list(await registry.labels("prompt_1")) == [Label(PRODUCTION, won[0])]
        assert len(await registry.moves("prompt_1")) == 2

    async def test_what_runs_read(self, registry: PromptRegistry) -> None:
        assert await registry.active(PURPOSE, PURPOSE) == Active()
        await registry.add(OWN)
        await registry.save(replace(version_of("Be kind."), prompt_id="prompt_own"))
        await registry.set_default("advice", replace(DEFAULT, purpose="advice"))
        assert await registry.active(PURPOSE, PURPOSE) == Active()
        await registry.move(move("1", None, 1, prompt_id="prompt_own"))
        active = await registry.active(PURPOSE, "advice")
        assert active == Active(RunPrompt("Be kind.", "chat.answer@1"), "test:model")
        assert await registry.active("advice", PURPOSE) == Active()

    async def test_the_versions_of_a_deleted_prompt_stay(self, registry: PromptRegistry) -> None:
        await registry.add(PROMPT)
        await registry.save(version_of("a"))
        await registry.delete(ANNA, "prompt_1", NOON)
        assert (await registry.version("prompt_1", 1)).number == 1

    async def test_a_deleted_purpose_reverts_and_comes_back_with_its_numbers(
        self, registry: PromptRegistry
    ) -> None:
        await registry.add(OWN)
        await registry.save(version_of("a", "prompt_own"))
        await registry.move(move("1", None, 1, prompt_id="prompt_own"))
        await registry.delete(ANNA, PURPOSE, NOON)
        assert await registry.active(PURPOSE, PURPOSE) == Active()
        with pytest.raises(PromptNotFound):
            await registry.prompt(ANNA, PURPOSE)
        assert (await registry.version(PURPOSE, 1)).prompt_id == "prompt_own"
        with pytest.raises(PromptNotFound):
            await registry.version(PURPOSE, 2)
        await registry.add(replace(OWN, prompt_id="prompt_new", user_id="boris"))
        found = await registry.prompt(BORIS, PURPOSE)
        assert (found.prompt_id, found.latest) == ("prompt_own", 1)
        assert not await registry.labels("prompt_own")
        assert (await registry.save(version_of("b", "prompt_own"))).version.number == 2

    async def test_default_models_are_stored_by_purpose(self, registry: PromptRegistry) -> None:
        assert not await registry.defaults()
        await registry.set_default(PURPOSE, replace(DEFAULT, model="test:old"))
        await registry.set_default(PURPOSE, DEFAULT)
        assert list(await registry.defaults()) == [DEFAULT]
        assert (await registry.active("none", PURPOSE)).model == "test:model"
        await registry.set_default(PURPOSE, None)
        assert not await registry.defaults()

    async def test_what_is_active_is_kept_for_a_second_and_not_over_a_change_of_ones_own(
        self, store: Store
    ) -> None:
        clock = FixedClock()
        here, elsewhere = SqlPromptRegistry(store, clock=clock), SqlPromptRegistry(store)

        async def model() -> str | None:
            return (await here.active(PURPOSE, PURPOSE)).model

        await elsewhere.set_default(PURPOSE, replace(DEFAULT, model="test:one"))
        assert await model() == "test:one"
        await elsewhere.set_default(PURPOSE, replace(DEFAULT, model="test:two"))
        assert await model() == "test:one"
        clock.move(KEPT_SECONDS)
        assert await model() == "test:two"
        await here.set_default(PURPOSE, replace(DEFAULT, model="test:three"))
        assert await model() == "test:three"


class TestSqlitePromptRegistry(PromptRegistryContract):
    pass
