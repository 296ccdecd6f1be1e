"""The page at `/docs`: every route of the OpenAPI document as plain HTML, with a line for curl.

Promises: self-contained, as the welcome page is: no script, font, image or other request, so it
works without a network and under a strict Content-Security-Policy.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from shlex import quote
from typing import Any, cast

Node = Mapping[str, Any]

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Candor: routes</title>
<style>
  :root {{ color-scheme: light dark; }}
  body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }}
  code, pre {{ font-family: ui-monospace, monospace; font-size: .92em; }}
  pre {{ padding: .6rem .8rem; overflow-x: auto; border: 1px solid #8886; border-radius: .4rem; }}
  table {{ border-collapse: collapse; }}
  th, td {{ text-align: left; vertical-align: top; padding: .15rem 1.2rem .15rem 0; }}
</style>
</head>
<body>
<h1>Routes</h1>
<p><a href="./">Candor {version}</a> · <a href="openapi.json">OpenAPI</a></p>
{routes}
</body>
</html>
"""


def routes_page(document: Node, base: str) -> str:
    """Return the whole document; `base` is the address at the beginning of the lines for curl."""
    return _PAGE.format(
        version=escape(document["info"]["version"]),
        routes="\n".join(
            "\n".join(_route(document, method, path, cast("Node", operation), base))
            for path, operations in cast("Node", document["paths"]).items()
            for method, operation in cast("Node", operations).items()
        ),
    )


def scopes_of(operation: Node) -> Sequence[str]:
    """Return the scopes that an API key needs for it; empty where no key is needed."""
    ways = cast("Sequence[Mapping[str, Sequence[str]]]", operation.get("security", ()))
    return list(dict.fromkeys(scope for way in ways for scopes in way.values() for scope in scopes))


def _route(document: Node, method: str, path: str, operation: Node, base: str) -> Iterator[str]:
    yield f"<h2><code>{method.upper()} {escape(path)}</code></h2>"
    yield f"<p>{escape(str(operation.get('description', '')))}</p>"
    scopes = scopes_of(operation)
    if scopes:
        yield f"<p>Scope of the API key: <code>{escape(', '.join(scopes))}</code></p>"
    parameters = cast("Sequence[Node]", operation.get("parameters", ()))
    yield _table(
        "Parameter",
        [
            (item["name"], item["in"], item.get("required"), item.get("description"))
            for item in parameters
        ],
    )
    media, fields = _body(document, operation)
    yield _table("Body", fields)
    yield f"<pre>{escape(_curl(method, base + path, operation, media, fields))}</pre>"
    answers = cast("Node", operation["responses"])
    yield _table(
        "Answer", [(code, "", False, item["description"]) for code, item in answers.items()]
    )


def _body(document: Node, operation: Node) -> tuple[str, list[tuple[str, str, bool, str | None]]]:
    """Return its media type and fields: name, type, required, meaning; empty where there is none."""
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = content["schema"]
        if "$ref" in schema:
            schema = document["components"]["schemas"][str(schema["$ref"]).rsplit("/", 1)[-1]]
        needed = schema.get("required", ())
        fields = cast("Node", schema["properties"])
        return str(media), [
            (field, _type(about), field in needed, about.get("description"))
            for field, about in fields.items()
        ]
    return "", []


def _type(field: Node) -> str:
    """Return a JSON type, or the name of an object's schema."""
    named = str(field.get("$ref", "")).rsplit("/", 1)[-1]
    return str(field.get("type") or named or " or ".join(_type(way) for way in field["anyOf"]))


def _table(title: str, rows: Sequence[tuple[str, str, bool | None, str | None]]) -> str:
    if not rows:
        return ""
    cells = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(kind)}{' (required)' if needed else ''}"
        f"</td><td>{escape(meaning or '')}</td></tr>\n"
        for name, kind, needed, meaning in rows
    )
    return f"<table>\n<tr><th>{title}</th><th></th><th></th></tr>\n{cells}</table>"


def _curl(
    method: str,
    address: str,
    operation: Node,
    media: str,
    fields: Sequence[tuple[str, str, bool, str | None]],
) -> str:
    """Return a curl command with all required values as `…`."""
    needed = [name for name, _, required, _ in fields if required]
    words = ["curl"] if method == "get" or media else ["curl", "-X", method.upper()]
    if scopes_of(operation) and {} not in operation["security"]:  # {} says: or without a key
        words += ["-H", "X-API-Key: …"]
    parameters = cast("Sequence[Node]", operation.get("parameters", ()))
    asked = [item["name"] for item in parameters if item["in"] == "query" and item.get("required")]
    for name in asked:
        words += ["-G", "--data-urlencode", f"{name}=…"]
    if media.startswith("multipart/"):
        words += [word for name in needed for word in ("-F", f"{name}=@handbook.md")]
    elif media:
        body = json.dumps(dict.fromkeys(needed, "…"), ensure_ascii=False)
        words += ["-H", f"Content-Type: {media}", "-d", body]
    return " ".join([*(word if word == "curl" else quote(word) for word in words), quote(address)])
