"""What only the SQL answers promise, beside the contract of the port."""

import pytest

from services.store.store import Store
from services.store.stored_answers import SqlAnswers
from services.store.transcript import SqlTranscript
from tests.contracts.keeping import record
from tests.contracts.test_answers import ANNA, BARE
from tests.services.store.statements import execute
from use_cases.kernel.errors import StorageDamaged

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("damage", ["sources = '{}'", "outcome = 'shrugged'", "notices = '[]'"])
async def test_a_row_that_cannot_be_understood_is_named(store: Store, damage: str) -> None:
    await record(SqlTranscript(store), BARE)
    await execute(store, f"UPDATE answers SET {damage}")
    with pytest.raises(StorageDamaged, match="ans_bare"):
        await SqlAnswers(store).answer(ANNA, "ans_bare")
