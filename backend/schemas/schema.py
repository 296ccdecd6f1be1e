"""The base of the JSON shapes that are read from values of the use cases.

A field is read from the attribute of its name, or from where `attribute` says. So a shape states its
names, types and descriptions once, and copies nothing by hand.
"""

from typing import Any, Self

from pydantic import AliasPath, BaseModel, ConfigDict, Field


class Schema(BaseModel):
    """A JSON shape that is read from the attributes of a value."""

    model_config = ConfigDict(from_attributes=True, validate_by_name=True)

    @classmethod
    def of(cls, value: object) -> Self:
        """Read the shape from a value of the use cases."""
        return cls.model_validate(value)


# Any, as pydantic's own `Field` returns it.
def attribute(path: str, description: str | None = None, default: Any = ...) -> Any:
    """Read a field from another attribute of the value, such as `ref.title`.

    `default` stands for one that is not there, as where `ref` is None.
    """
    return Field(default, validation_alias=AliasPath(*path.split(".")), description=description)


def fields_of(shape: type[BaseModel], value: object) -> dict[str, Any]:
    """The fields of a shape that a value has under their names, for a shape of several values."""
    return {name: getattr(value, name) for name in shape.model_fields if hasattr(value, name)}
