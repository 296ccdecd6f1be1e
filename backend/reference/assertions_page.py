"""The page of assertion types, from the table that checks them."""

from backend.composition.assertion_table import assertion_types, unsupported_types
from backend.reference.markdown import page, table

_INTRODUCTION = """The types of assertions that need no model. Each can be negated by `not-`.
[Evaluation](../explanation/evaluation.md#assertions) explains what passing, failing and an error
mean, and where a type differs from promptfoo's of the same name."""


def assertions_page() -> str:
    """Return docs/reference/assertions.md."""
    rows = [(f"`{name}`", *rest) for name, *rest in assertion_types()]
    others = [(f"`{name}`", f"{hint[0].upper()}{hint[1:]}.") for name, hint in unsupported_types()]
    return page(
        "Assertions",
        _INTRODUCTION,
        table(("Type", "Value", "Threshold", "Meaning"), rows),
        "## Not supported",
        table(("Type of promptfoo", "Instead"), others),
    )
