"""The pages of the server: at `/` what runs here and what to try first, at `/docs` every route.

At `/docs` routes stand under their capability, folded up behind a line each, with a line for curl; a list of
contents names them all, and an address with `#post-chat` opens one.

Promises: self-contained, without a script, font, image or other request, so they work without a network
and under a strict Content-Security-Policy.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Any, TypeAlias, cast

from markdown_it import MarkdownIt

from backend.doctor.health import Health, HealthReport
from backend.pages import STYLED, rendered

CONTENT_SECURITY_POLICY = f"{STYLED}; frame-ancestors 'none'"

Node: TypeAlias = Mapping[str, Any]
Row: TypeAlias = tuple[str, str, bool, str | None]
"""A name, its type, whether it is required, and its meaning."""

_MARKDOWN = MarkdownIt("commonmark", {"html": False})


@dataclass(frozen=True, slots=True)
class _Route:
    title: str
    anchor: str
    summary: str
    more: str
    scopes: Sequence[str]
    parameters: Sequence[Row]
    fields: Sequence[Row]
    curl: str
    answers: Sequence[Row]


def public_page(status: Health, *, signs_in: bool) -> str:
    """Returns the whole document, without information on the stored data."""
    return rendered("http/welcome.html", report=None, status=status, signs_in=signs_in)


def welcome_page(version: str, report: HealthReport, base: str) -> str:
    """Returns the whole document; `base` is the address that it was asked for at."""
    return rendered("http/welcome.html", report=report, version=version, base=base)


def routes_page(document: Node, base: str) -> str:
    """Returns the whole document; `base` is the address at the beginning of the lines for curl."""
    groups: dict[str, list[_Route]] = {}
    for path, operations in cast("Node", document["paths"]).items():
        for method, operation in cast("Node", operations).items():
            route = _route(document, method, path, operation, base)
            groups.setdefault(operation["tags"][0], []).append(route)
    return rendered(
        "http/routes.html",
        version=document["info"]["version"],
        groups=groups,
        anchor=_anchor,
        inline=_MARKDOWN.renderInline,
        paragraphs=_MARKDOWN.render,
    )


def scopes_of(operation: Node) -> Sequence[str]:
    """Returns the scopes that an API key needs for it; empty where no key is needed."""
    ways = cast("Sequence[Mapping[str, Sequence[str]]]", operation.get("security", ()))
    return list(dict.fromkeys(scope for way in ways for scopes in way.values() for scope in scopes))


def _route(document: Node, method: str, path: str, operation: Node, base: str) -> _Route:
    summary, _, more = str(operation.get("description", "")).partition("\n\n")
    media, fields = _body(document, operation)
    return _Route(
        title=f"{method.upper()} {path}",
        anchor=_anchor(f"{method} {path}"),
        summary=summary,
        more=more,
        scopes=scopes_of(operation),
        parameters=[
            (item["name"], item["in"], bool(item.get("required")), item.get("description"))
            for item in operation.get("parameters", ())
        ],
        fields=fields,
        curl=_curl(method, base + path, operation, media, fields),
        answers=[
            (code, "", False, item["description"]) for code, item in operation["responses"].items()
        ],
    )


def _body(document: Node, operation: Node) -> tuple[str, Sequence[Row]]:
    """Returns its media type and fields: name, type, required, meaning; empty where there is none."""
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
    """Returns a JSON type, or the name of an object's schema."""
    named = str(field.get("$ref", "")).rsplit("/", 1)[-1]
    return str(field.get("type") or named or " or ".join(_type(way) for way in field["anyOf"]))


def _anchor(name: str) -> str:
    """Returns `get-chats-chat_id` for `get /chats/{chat_id}`."""
    return "-".join(re.findall(r"\w+", name.lower()))


def _curl(
    method: str,
    address: str,
    operation: Node,
    media: str,
    fields: Sequence[Row],
) -> str:
    """Returns a curl command with all required values as `…`."""
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
