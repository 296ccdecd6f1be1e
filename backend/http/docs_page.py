"""The page at `/docs`: every route of the OpenAPI document as plain HTML, with a line for curl.

Routes stand under their capability, folded up behind a line each; an address with `#post-chat` opens one.

Promises: self-contained, as the welcome page is: no script, font, image or other request, so it
works without a network and under a strict Content-Security-Policy.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from shlex import quote
from typing import Any, cast

from markdown_it import MarkdownIt

from backend.http.welcome_page import frame

Node = Mapping[str, Any]

_MARKDOWN = MarkdownIt("commonmark", {"html": False})


def routes_page(document: Node, base: str) -> str:
    """Return the whole document; `base` is the address at the beginning of the lines for curl."""
    groups: dict[str, list[tuple[str, str, Node]]] = {}
    for path, operations in cast("Node", document["paths"]).items():
        for method, operation in cast("Node", operations).items():
            groups.setdefault(operation["tags"][0], []).append((method, path, operation))
    contents = "".join(
        f'<li><a href="#{_anchor(name)}">{escape(name.capitalize())}</a> {len(routes)}</li>'
        for name, routes in groups.items()
    )
    sections = (
        f'<h2 id="{_anchor(name)}">{escape(name.capitalize())}</h2>\n'
        + "\n".join("\n".join(_route(document, *route, base)) for route in routes)
        for name, routes in groups.items()
    )
    version = escape(document["info"]["version"])
    return frame(
        "Candor: routes",
        f'<h1>Routes</h1>\n<nav><p><a href="./">Candor {version}</a> '
        f'<a href="openapi.json">OpenAPI</a></p>\n<ul>{contents}</ul></nav>\n'
        + "\n".join(sections),
    )


def scopes_of(operation: Node) -> Sequence[str]:
    """Return the scopes that an API key needs for it; empty where no key is needed."""
    ways = cast("Sequence[Mapping[str, Sequence[str]]]", operation.get("security", ()))
    return list(dict.fromkeys(scope for way in ways for scopes in way.values() for scope in scopes))


def _route(document: Node, method: str, path: str, operation: Node, base: str) -> Iterator[str]:
    title = escape(f"{method.upper()} {path}")
    summary, _, more = str(operation.get("description", "")).partition("\n\n")
    yield f"<details><summary><code>{title}</code> <span>{_inline(summary)}</span></summary>"
    name = _anchor(f"{method} {path}")
    yield f'<p id="{name}"><a href="#{name}">#{name}</a></p>{_MARKDOWN.render(more)}'
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
    yield "</details>"


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
        f"</td><td>{_inline(meaning or '')}</td></tr>\n"
        for name, kind, needed, meaning in rows
    )
    return f"<table>\n<tr><th>{title}</th><th></th><th></th></tr>\n{cells}</table>"


def _inline(text: str) -> str:
    """Return the HTML of a text with code between backticks."""
    return _MARKDOWN.renderInline(text)


def _anchor(name: str) -> str:
    """Return `get-chats-chat_id` for `get /chats/{chat_id}`."""
    return "-".join(re.findall(r"\w+", name.lower()))


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
