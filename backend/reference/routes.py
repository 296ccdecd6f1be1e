"""The page of HTTP routes, from the OpenAPI document."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from backend.composition.container import Container
from backend.http.app import create_app
from backend.http.server_pages import scopes_of
from backend.reference.markdown_text import page, table
from backend.settings.settings import Settings

Node = Mapping[str, Any]

_INTRODUCTION = """`candor serve` (or `uvicorn backend.main:app`) answers on `http://127.0.0.1:8000`;
`/docs` shows the same routes on a page, with lines for curl, `/openapi.json` describes them for programs, `/` is a small
welcome page. Every response carries `X-Request-ID`: the caller's own if it is a sane one. Errors are
`application/problem+json` (see [errors](errors.md)). Lists have bounds: `limit` and `offset`, or a
cursor `before`. With `AUTH_MODE=local` it answers this machine only, under the names of ALLOWED_HOSTS,
and needs no key; with `AUTH_MODE=required` every route but `/`, `/health`, `/health/live`, `/health/ready`, `/docs` and `/openapi.json`
needs an API key with the scope that is named, in `X-API-Key` or as `Authorization: Bearer`."""


def routes_page() -> str:
    """Returns docs/reference/http.md."""
    # Defaults only: what the machine at hand has set must not reach the page.
    settings = Settings.model_construct()
    document = create_app(settings, lambda: Container(settings)).openapi()
    parts = [_INTRODUCTION]
    for path, operations in cast("Node", document["paths"]).items():
        for method, operation in cast("Node", operations).items():
            parts += _route(document, method.upper(), path, cast("Node", operation))
    return page("HTTP", *parts)


def _route(document: Node, method: str, path: str, operation: Node) -> Sequence[str]:
    parts = [f"## `{method} {path}`", str(operation.get("description", ""))]
    if scopes := scopes_of(operation):
        parts.append(f"Scope of the API key: `{', '.join(scopes)}`")
    parameters = [_parameter(item) for item in operation.get("parameters", ())]
    if parameters:
        parts.append(table(("Parameter", "In", "Type", "Meaning"), parameters))
    if body := operation.get("requestBody"):
        for media, content in body["content"].items():
            fields = _fields(document, content["schema"])
            parts += [f"Body, `{media}`:", table(("Field", "Type", "Meaning"), fields)]
    answers = [_answer(status, item) for status, item in sorted(operation["responses"].items())]
    parts.append(table(("Status", "Answer"), answers))
    return parts


def _parameter(item: Node) -> tuple[str, ...]:
    schema = cast("Node", item["schema"])
    needed = " (required)" if item.get("required") else ""
    return (
        f"`{item['name']}`",
        f"{item['in']}{needed}",
        _kind(schema),
        str(item.get("description") or ""),
    )


def _fields(document: Node, schema: Node) -> Sequence[tuple[str, ...]]:
    found = _resolve(document, schema)
    needed = found.get("required", ())
    return [
        (
            f"`{name}`" + (" (required)" if name in needed else ""),
            _kind(field),
            str(field.get("description") or ""),
        )
        for name, field in found.get("properties", {}).items()
    ]


def _answer(status: str, item: Node) -> tuple[str, str]:
    contents = cast("Node", item.get("content", {}))
    names: list[str] = []
    for content in contents.values():
        schema = cast("Node", content.get("schema", {}))
        options = cast("Sequence[Node]", schema.get("anyOf", (schema,)))
        references = [
            str(option["$ref"]).rsplit("/", 1)[-1] for option in options if "$ref" in option
        ]
        codes = [f"`{code}`" for code in content.get("examples", {})]
        names += codes or [f"`{reference}`" for reference in references]
    said = str(item["description"]).replace("Successful Response", "Done").rstrip(".")
    return status, f"{said}: {', '.join(names)}" if names else said


def _kind(schema: Node) -> str:
    """Returns `integer, 1 to 200, default 50`."""
    options = cast("Sequence[Node]", schema.get("anyOf", ()))
    # An optional value is described by what it is when it is there.
    real = [option for option in options if option.get("type") != "null"]
    plain: Node = {**schema, **real[0]} if real else schema
    named = str(plain.get("$ref", "")).rsplit("/", 1)[-1]
    parts = [str(plain.get("type", plain.get("const", named or "value")))]
    if "enum" in plain or "const" in plain:
        parts = [", ".join(f"`{choice}`" for choice in plain.get("enum", [plain.get("const")]))]
    if "minimum" in plain and "maximum" in plain:
        parts.append(f"{plain['minimum']} to {plain['maximum']}")
    if "maxLength" in plain:
        parts.append(f"at most {plain['maxLength']} characters")
    if schema.get("default") is not None:
        parts.append(f"default {schema['default']}")
    return ", ".join(parts)


def _resolve(document: Node, schema: Node) -> Node:
    reference = schema.get("$ref")
    if not reference:
        return schema
    return cast("Node", document["components"]["schemas"][str(reference).rsplit("/", 1)[-1]])
