"""Doors call use cases: no port, no adapter and no policy of a composition."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from backend.composition.container import Container
from backend.composition.foundation import Composition, Inner, Part, Parts, imported

BACKEND = Path(__file__).parents[2] / "backend"
DOORS = ("http", "cli", "mcp", "stream", "doctor", "observability")
OWN = {"settings", "metrics", "tracing", "open_store"}
"""Not of a use case, and the doors' own: settings, figures, traces, and the start of a server."""

COMPOSITIONS: dict[str, type[Composition]] = {
    name: imported(part.path) for name, part in vars(Container).items() if isinstance(part, Parts)
}


def modules() -> list[Path]:
    return sorted(path for door in DOORS for path in (BACKEND / door).rglob("*.py"))


def reached(tree: ast.AST) -> Iterator[Sequence[str]]:
    """The names behind each `candor` that is read: `knowledge`, `search`, `search`."""
    chains = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    within = {id(node.value) for node in chains}
    for chain in chains:
        if id(chain) in within or not isinstance(chain.ctx, ast.Load):
            continue
        names: list[str] = []
        node: ast.expr = chain
        while isinstance(node, ast.Attribute):
            names.insert(0, node.attr)
            node = node.value
        if isinstance(node, ast.Name):
            names.insert(0, node.id)
        elif "'Container'" in ast.dump(node):  # cast("Container", …)
            names.insert(0, "candor")
        if "candor" in names[:-1]:
            yield names[names.index("candor") + 1 :]


def wrong(names: Sequence[str]) -> bool:
    """Whether these names lead to anything else than a use case."""
    if names[0] in OWN:
        return False
    kind = COMPOSITIONS.get(names[0], Container)
    part: Any = vars(kind).get(names[0] if kind is Container else (*names, "")[1])
    return not isinstance(part, Part) or isinstance(part, (Inner, Parts))


def parts() -> list[tuple[str, Part[Any]]]:
    return [
        (f"{kind.__name__}.{name}", part)
        for kind in (*Container.__mro__, *COMPOSITIONS.values())
        for name, part in vars(kind).items()
        if isinstance(part, Part) and not isinstance(part, (Inner, Parts))
    ]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(BACKEND)))
def test_doors_reach_use_cases_only(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert [".".join(names) for names in reached(tree) if wrong(names)] == []
    # Under another name a container would be overlooked.
    held = [
        node.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.arg)
        and isinstance(node.annotation, ast.Name)
        and node.annotation.id == "Container"
    ]
    assert set(held) <= {"candor", "_"}


def test_a_part_is_a_use_case() -> None:
    found = parts()
    assert len(found) > 20
    for name, part in found:
        assert part.path.startswith("use_cases."), name
        assert not getattr(imported(part.path), "_is_protocol", False), name


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("candor.knowledge.search.search('x')", False),
        ("candor.settings.model", False),
        ("candor.knowledge.embedder = None", None),
        ("candor.knowledge.embedder.id", True),
        ("self._conversation.candor.models.resolve()", True),
        ("candor.identity.admissions.take()", True),
        ("candor.identity.budget", True),
        ("candor.leases", True),
        ("cast('Container', scope).clock.now()", True),
        ("knowledge = candor.knowledge", True),
        ("candor.closing.aclose()", True),
    ],
)
def test_a_port_is_seen(source: str, expected: bool | None) -> None:
    found = [wrong(names) for names in reached(ast.parse(source))]
    assert found == ([] if expected is None else [expected])
