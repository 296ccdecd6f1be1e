"""The port `Schemas`: the variables of a dataset's items against its JSON Schema."""

from collections.abc import Callable, Mapping

from pydantic import JsonValue

from services.assertions.json_schema import fault_finder
from services.assertions.observation import Unable
from use_cases.playground.errors import SchemaInvalid


class ItemSchemas:
    """Implementation of the port `Schemas`."""

    def checker(
        self, schema: Mapping[str, JsonValue]
    ) -> Callable[[Mapping[str, JsonValue]], str | None]:
        """Return the function that says how variables violate the schema. Both raise `SchemaInvalid`."""
        try:
            find = fault_finder(dict(schema))
        except Unable as error:
            raise SchemaInvalid(str(error)) from error

        def fault(variables: Mapping[str, JsonValue]) -> str | None:
            try:
                return find(dict(variables))
            except Unable as error:
                raise SchemaInvalid(str(error)) from error

        return fault
