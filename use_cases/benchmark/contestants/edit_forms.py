"""The form in which a model answers: edits.

Promises: an answer of another form is asked for again by the agent; a single edit that cannot be read
becomes one that lacks everything, which is counted as rejected and costs the others nothing. Numbers
that should be texts are taken as texts. Leaves to others: whether an edit fits the table
(`use_cases.benchmark.edits`), and whether it goes too far (`edit_guards`).
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, WrapValidator
from pydantic_core.core_schema import ValidatorFunctionWrapHandler

from use_cases.benchmark.model import Edit, EditKind, ErrorKind

FORMS_VERSION = 1
"""Goes up with every change of the forms: an output of another version is not taken from the cache."""


def _known(value: object) -> object:
    return value if value in _KINDS else ErrorKind.OTHER


_KINDS = frozenset(each.value for each in ErrorKind)


class _Form(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True, use_attribute_docstrings=True)


class ProposedEdit(_Form):
    """An edit: all cells of a column with one value, one cell, rows that go, or rows that are one."""

    kind: Literal["map", "cell", "merge", "delete"]
    rows: list[str] = []
    """The ids of rows: one for a cell, none for a map; of a merge, the row that stays comes first."""
    column: str | None = None
    """The column's name, exactly; for a map and a cell."""
    old: str
    """The text as it stands, exactly, with its blanks; for a delete and a merge it is empty."""
    new: str | None = None
    """The right text, empty where a value is missing; for a map and a cell."""
    error: Annotated[ErrorKind, BeforeValidator(_known)] = ErrorKind.OTHER
    reason: str = ""
    """The evidence, in a few words."""

    @property
    def edit(self) -> Edit:
        """The edit as a value of the benchmark."""
        kind = EditKind(self.kind)
        removes = kind in (EditKind.DELETE, EditKind.MERGE)
        return Edit(
            kind=kind,
            rows=tuple(self.rows),
            column=self.column,
            old=None if removes else self.old,
            new=None if removes else self.new,
            error=self.error,
            reason=self.reason,
        )


_UNREADABLE = ProposedEdit(kind="cell", old="", reason="The edit has no usable form.")


# Any: an item as a model wrote it.
def _readable(value: Any, handler: ValidatorFunctionWrapHandler) -> ProposedEdit:
    try:
        return handler(value)
    except ValidationError:
        return _UNREADABLE


_Edits = list[Annotated[ProposedEdit, WrapValidator(_readable)]]


class ProposedEdits(_Form):
    """The edits that clean a part of a table; none where nothing is wrong."""

    edits: _Edits
