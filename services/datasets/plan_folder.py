"""The files that an evaluation names: those below its own folder, and no other."""

import json
from pathlib import Path

from pydantic import JsonValue

from services.datasets.fields import Misfit
from services.datasets.yaml_nodes import YamlUnreadable, read_yaml

MAX_BYTES = 8 * 2**20
"""The limit of a file that is read whole; datasets are read as streams, without one."""

FILE = "file://"
CODE = (".py", ".js", ".cjs", ".mjs", ".ts", ".rb")


class PlanFolder:
    """The folder of an evaluation."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def paths(self, reference: str, place: str) -> list[Path]:
        """Return the files that `file://name` or a pattern with `*` names. Raises `Misfit`."""
        name = reference.removeprefix(FILE)
        if any(sign in name for sign in "*?[") and not (self._root / name).exists():
            if Path(name).is_absolute() or ".." in Path(name).parts:
                raise Misfit(f"{place}: {name[:100]!r} is outside of the folder")
            found = sorted(path for path in self._root.glob(name) if path.is_file())
        else:
            found = [self._root / name]
        paths = [path.resolve() for path in found]
        if not paths or not all(path.is_file() for path in paths):
            raise Misfit(f"{place}: there is no file {name[:100]!r}")
        if not all(path.is_relative_to(self._root) for path in paths):
            raise Misfit(f"{place}: {name[:100]!r} is outside of the folder")
        return paths

    def has(self, name: str) -> bool:
        """Whether a text is the name of a file below the folder."""
        try:
            path = (self._root / name).resolve()
            return path.is_relative_to(self._root) and path.is_file()
        except (OSError, ValueError):
            return False

    def text(self, path: Path, place: str = "") -> str:
        """Return the text of a file. Raises `Misfit`."""
        where = f"{place}: {path.name}" if place else path.name
        try:
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
            if len(content) > MAX_BYTES:
                raise Misfit(f"{where} is larger than {MAX_BYTES // 2**20} MB")
            return content.decode("utf-8-sig")
        except OSError as error:
            raise Misfit(f"{where} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise Misfit(f"{where} is no UTF-8") from error

    def value(self, reference: str, place: str) -> JsonValue:
        """Return what a file holds: JSON and YAML as values, several files as a list, others as text.

        A file of code stays a reference, with its whole path.
        """
        name, _, function = reference.removeprefix(FILE).partition(":")
        if Path(name).suffix in CODE:
            path = self.paths(name, place)[0]
            return f"{FILE}{path}{':' if function else ''}{function}"
        paths = self.paths(reference, place)
        values = [self.load(path, place) for path in paths]
        return values[0] if len(values) == 1 else values

    def load(self, path: Path, place: str = "") -> JsonValue:
        """Return what a file holds: the value of JSON or YAML, else its text. Raises `Misfit`."""
        written = self.text(path, place)
        try:
            if path.suffix == ".json":
                return json.loads(written)
            if path.suffix in (".yaml", ".yml"):
                return read_yaml(written.encode())
        except (YamlUnreadable, ValueError, RecursionError) as error:
            where = f"{place}: {path.name}" if place else path.name
            raise Misfit(f"{where} is not valid: {str(error)[:200]}") from error
        return written.removesuffix("\n")
