"""What the JSON forms in the store have in common: own types, a version, and text that can be kept.

A stored form has its own types and a version, apart from the domain's, so that renaming a field
there does not make old rows unreadable. Reading ignores fields it does not know and fills in what
older rows lack. `VERSION` goes up only when an old reader would misunderstand a new row.
"""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, JsonValue, TypeAdapter

from use_cases.kernel.errors import NewerDatabase
from use_cases.kernel.text.storable_text import storable

VERSION = 1


def _clean(value: object) -> object:
    return storable(value) if isinstance(value, str) else value


StorableText = Annotated[str, BeforeValidator(_clean)]
"""Text as every database can hold it."""


class StoredForm(BaseModel):
    """A piece of a stored form; made of a domain value by reading its fields of the same names."""

    model_config = ConfigDict(from_attributes=True, extra="ignore")


class Envelope(StoredForm):
    """The outermost piece, which says the version."""

    version: int = VERSION

    def stored(self) -> JsonValue:
        """The JSON value to keep."""
        return _JSON.validate_python(self.model_dump(mode="json"))


def readable(stored: JsonValue) -> JsonValue:
    """`stored`, if this version can read it. Raises `NewerDatabase`, or `ValueError` for no form."""
    version = Envelope.model_validate(stored).version
    if version > VERSION:
        raise NewerDatabase(f"A row was recorded in form {version}; this version reads {VERSION}.")
    return stored


_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)
