"""The record of a run of an agent: the fields that every capability keeps of it.

A capability's own record extends it. The store keeps the fields in the columns of
`services.store.run_columns`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from use_cases.kernel.citations.sources import ToolCall


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A recorded run. Unknown numbers are None, never 0.

    `question` is what was asked, as it was sent; `model` the one that answered; `cost` is in US
    dollars. `notices` are sentences the reader should see (for example that search ran without
    vectors, or that the run was interrupted).
    """

    user_id: str
    question: str
    model: str
    prompt_version: str
    latency_ms: int
    created_at: datetime
    tool_calls: Sequence[ToolCall] = ()
    notices: Sequence[str] = ()
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Decimal | None = None
    interrupted: bool = False
