"""The base of the JSON shapes that are read from values of the use cases, and what derives one.

A value of a use case is sent as it is. Where its JSON differs, a shape states only the differences:
`shape_of` takes the other fields from the value's class, and `attribute` reads a field from elsewhere
in the value.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Self, TypeVar, cast, get_type_hints

from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field, create_model

from use_cases.kernel.model import Page


class Schema(BaseModel):
    """A JSON shape that is read from the attributes of a value."""

    model_config = ConfigDict(from_attributes=True, validate_by_name=True, defer_build=True)

    @classmethod
    def of(cls, value: object = None, **known: object) -> Self:
        """Reads the shape from a value of the use cases; `known` are fields that it does not have."""
        if value is None:
            return cls.model_validate(known)
        return cls.model_validate(_Completed(value, known) if known else value)


class _Completed:
    """A value with further attributes, which go before its own."""

    def __init__(self, value: object, known: Mapping[str, object]) -> None:
        self.__dict__.update(known, _value=value)

    def __getattr__(self, name: str) -> object:
        found: object = getattr(self.__dict__["_value"], name)
        self.__dict__[name] = found  # many fields are read through one attribute
        return found


class OffsetPage(Schema):
    """Some things of a list; a page adds the field that holds them."""

    limit: int
    offset: int
    next_offset: int | None = Field(
        description="The offset of the next page; null on the last page."
    )

    @classmethod
    def of_page(cls, page: Page[Any], *, limit: int, offset: int) -> Self:
        """Reads it from a page of at most `limit`, after the first `offset`."""
        following = offset + limit if page.more else None
        things = {_things_of(cls, OffsetPage): list(page)}
        return cls.of(limit=limit, offset=offset, next_offset=following, **things)


class NewestPage(Schema):
    """Some things of a list that is read from its newest end; a page adds the field that holds them."""

    limit: int
    next_before: str | None = Field(
        description="Pass it as `before` to get the next page; null on the last page."
    )

    @classmethod
    def of_page(cls, page: Page[Any], *, limit: int, by: str) -> Self:
        """Reads it from a page of at most `limit`; `by` is the attribute that `before` names."""
        before = getattr(page[-1], by) if page.more else None
        return cls.of(limit=limit, next_before=before, **{_things_of(cls, NewestPage): list(page)})


def _things_of(page: type[BaseModel], base: type[BaseModel]) -> str:
    """Returns the field that a page adds to its base."""
    return next(name for name in page.model_fields if name not in base.model_fields)


S = TypeVar("S", bound=Schema)


def shape_of(
    source: type,
    at: str = "",
    omit: Collection[str] = (),
    first: Sequence[str] = (),
    described: Mapping[str, str] | None = None,
    **names: str,
) -> Callable[[type[S]], type[S]]:
    """Adds the fields of a value's class that the decorated shape does not state itself.

    `names` are the names that differ: the name here, and the attribute's. `at` is where the value
    stands within the one that is read. `first` are the attributes that a reader sees first.
    `described` holds descriptions of fields, by their names here. All fields are required, as a
    response always has them. The decorated class has fields alone: its methods are not kept.
    """
    descriptions = described or {}
    names_here = {attribute: name for name, attribute in names.items()}
    prefix = f"{at}." if at else ""

    def derive(shape: type[S]) -> type[S]:
        stated = dict(shape.model_fields)
        fields: dict[str, Any] = {}
        hints = get_type_hints(source, include_extras=True)
        for name in dict.fromkeys([*first, *hints]):
            here = names_here.get(name, name)
            if here in stated:
                fields[here] = (stated[here].annotation, stated.pop(here))
            elif name not in omit:
                found = attribute(f"{prefix}{name}", descriptions.get(here))
                fields[here] = (hints[name], found)
        fields |= {name: (field.annotation, field) for name, field in stated.items()}
        derived = create_model(
            shape.__name__,
            __base__=cast("type[BaseModel]", shape.__base__),
            __doc__=shape.__doc__,
            __module__=shape.__module__,
            **fields,
        )
        return cast("type[S]", derived)

    return derive


# Any, as pydantic's own `Field` returns it.
def attribute(path: str, description: str | None = None, default: Any = ..., *or_else: str) -> Any:
    """Reads a field from another attribute of the value, such as `ref.title`, or from the first of
    several that is there.

    `default` stands for one that is not there, as where `ref` is None.
    """
    paths = [AliasPath(*each.split(".")) for each in (path, *or_else)]
    alias = AliasChoices(*paths) if or_else else paths[0]
    return Field(default, validation_alias=alias, description=description)
