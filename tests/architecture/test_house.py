"""Rules that are checked on the source itself."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("backend", "services", "use_cases")
CAPABILITIES = {"knowledge", "chat", "advice", "conversations", "playground", "benchmark"}


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def attributes(tree: ast.AST) -> Iterator[str]:
    """`os.environ` wherever it is read, and what is imported from os."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_only_the_settings_read_the_environment() -> None:
    """Others write a variable: to switch telemetry off, and for processes of their own."""
    reading = {"os.environ", "os.getenv", "os.environb", "os.putenv"}
    found = {name(path) for path in modules(*LAYERS) if reading & set(attributes(parsed(path)))}
    assert found == {
        "backend/settings/settings.py",
        "backend/processes/workers.py",
        "services/documents/reader.py",
        "services/embeddings/encoder.py",
        "services/templates/template_engine.py",
    }


def test_one_module_imports_the_runtime_that_must_not_send_telemetry() -> None:
    importing = {
        name(path)
        for path in modules(*LAYERS, "benchmarks", "tests")
        if "onnxruntime" in path.read_text()
        for node in ast.walk(parsed(path))
        if (isinstance(node, ast.Import) and any(one.name == "onnxruntime" for one in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("onnxruntime"))
    }
    assert importing == {"services/embeddings/encoder.py"}


def test_nothing_of_an_event_loop_is_shared_by_all_loops_of_a_process() -> None:
    """Who waits at such a lock in another thread's loop is never woken."""
    of_a_loop = {"CapacityLimiter", "Condition", "Event", "Lock", "Semaphore"}
    waiting = {f"{package}.{name}" for package in ("anyio", "asyncio") for name in of_a_loop}
    found = {
        name(path)
        for path in modules(*LAYERS)
        for node in parsed(path).body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call)
        if waiting & set(attributes(node.value))
    }
    assert not found


def test_every_module_says_what_it_is_for() -> None:
    assert [name(path) for path in modules(*LAYERS) if not ast.get_docstring(parsed(path))] == []


def test_capabilities_have_the_six_names() -> None:
    found = {path.parent.name for path in (ROOT / "use_cases").glob("*/__init__.py")}
    assert found - {"kernel"} <= CAPABILITIES


@pytest.mark.parametrize("folder", ["backend/http/routes", "backend/schemas"])
def test_doors_use_the_names_of_capabilities(folder: str) -> None:
    """Or begin with one, so that `ls */chat*` shows all of it."""
    found = {path.stem for path in (ROOT / folder).glob("*.py")} - {
        "__init__",
        "server_health",
        "metrics",
        "json_shape",
        "sign_in_routes",
        "mcp_endpoint",
        "access_routes",
        "console_routes",
        "llm_configuration",
    }
    assert {stem for stem in found if not stem.startswith(tuple(CAPABILITIES))} == set()


def test_init_files_hold_a_docstring_and_nothing_else() -> None:
    for path in modules(*LAYERS):
        if path.name == "__init__.py":
            assert len(parsed(path).body) == 1, name(path)


def test_errors_are_defined_where_they_are_found() -> None:
    """In use cases and at the door; an adapter raises those and defines none."""
    for path in modules("services"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ClassDef):
                fields = {
                    target.id
                    for item in node.body
                    if isinstance(item, ast.Assign)
                    for target in item.targets
                    if isinstance(target, ast.Name)
                }
                assert not {"code", "default_hint"} <= fields, name(path)


def test_names_say_what_a_thing_does() -> None:
    vague = ("Helper", "Manager", "Service", "Utils", "UseCase")
    for path in modules(*LAYERS):
        assert path.stem not in {"utils", "helpers", "common", "misc"}, name(path)
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ClassDef):
                assert not node.name.endswith(vague), f"{name(path)}: {node.name}"


def test_modules_that_are_mentioned_exist() -> None:
    everything = {name(path) for path in modules(*LAYERS, "tests", "benchmarks")}
    texts = [*modules(*LAYERS), *(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    missing = {
        f"{name(path)}: {said}"
        for path in texts
        for said in re.findall(r"`([a-z_/]+\.py)`", path.read_text())
        if not any(f"/{module}".endswith(f"/{said}") for module in everything)
    }
    assert not missing
