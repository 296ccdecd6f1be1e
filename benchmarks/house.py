"""The weight of the house: what a reader of the code and a user of the product have to know.

    python -m benchmarks.house

Code lines are lines without blanks, comments and docstrings. The figures are read, not enforced.
"""

import ast
import io
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any, cast

from backend.cli.program import COMMANDS, load
from backend.composition.container import Container
from backend.http.app import create_app
from backend.settings.settings import Settings

ROOT = Path(__file__).parents[1]
SMALL = 40
_NO_CODE = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}


def code_lines(source: str) -> int:
    """Count the lines of a module that hold code."""
    prose = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    code = {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in _NO_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(code - prose)


def weights(*folders: str) -> list[int]:
    """Weigh every module of the folders."""
    modules = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return [code_lines(path.read_text("utf-8")) for path in modules]


def options() -> Iterator[int]:
    """Yield the number of options of each command that the help lists."""
    for name in COMMANDS:
        command = load(name)
        for each in getattr(command, "commands", {"": command}).values():
            if not each.hidden:
                yield sum(part.param_type_name == "option" for part in each.params)


def routes() -> int:
    """Count the routes of the OpenAPI document."""
    settings = Settings.model_construct()
    document = create_app(settings, lambda: Container(settings)).openapi()
    return sum(len(each) for each in cast("Mapping[str, Any]", document["paths"]).values())


def main() -> None:
    """Print the figures."""
    product, tests, asked = (
        weights("use_cases", "services", "backend"),
        weights("tests"),
        [*options()],
    )
    registry = code_lines((ROOT / "backend/registry.py").read_text("utf-8"))
    wiring = sum(weights("backend/composition")) + registry
    small = sum(0 < lines <= SMALL for lines in product)
    print(
        f"code lines       {sum(product):,}; composition and registry {wiring:,}; tests {sum(tests):,}"
    )
    print(
        f"modules          {len(product):,} (median {median(product):g}), {small} of at most {SMALL} lines"
    )
    print(f"commands         {len(asked)} with {sum(asked)} options")
    print(f"settings, routes {len(Settings.model_fields)}, {routes()}")


if __name__ == "__main__":
    main()
