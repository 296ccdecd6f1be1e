"""The option `--budget` of commands that begin or continue a run."""

from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from use_cases.kernel.errors import InvalidInput

BudgetOption = Annotated[
    str | None,
    typer.Option(
        "--budget", metavar="USD", help="Stop at this cost, such as 2.50; the run can be resumed."
    ),
]


def budget_of(text: str | None) -> Decimal | None:
    """Read US dollars. Raises `InvalidInput`."""
    if text is None:
        return None
    try:
        dollars = Decimal(text.strip().removeprefix("$"))
    except InvalidOperation:
        dollars = Decimal("NaN")
    if not dollars.is_finite() or dollars <= 0:
        raise InvalidInput("--budget takes US dollars, such as 2.50.")
    return dollars
