"""An installation's own instructions: a YAML file with one text for each prompt type.

Promises that a changed file counts from the next question on, and that a broken one is an error
with the line rather than advice by other instructions than the operator believes.
"""

from pathlib import Path

from services.profiles.yaml_files import Unreadable, mapping_of
from use_cases.advice.errors import PromptFileBroken

_LONGEST = 20_000


class FilePrompts:
    """Implements the port `Prompts`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._kept: tuple[tuple[int, int], dict[str, str]] | None = None

    def prompt(self, prompt_type: str) -> str | None:
        """The instructions of this type; None where the installation has none.

        Raises `PromptFileBroken`.
        """
        try:
            looked = self._file.stat()
            look = (looked.st_mtime_ns, looked.st_size)
            if self._kept is None or self._kept[0] != look:
                self._kept = (look, _read(self._file))
        except OSError as error:
            raise PromptFileBroken(
                f"{self._file.name}: it cannot be read: {error.strerror}."
            ) from error
        except Unreadable as error:
            raise PromptFileBroken(f"{self._file.name}: {error}") from error
        return self._kept[1].get(prompt_type)


def _read(file: Path) -> dict[str, str]:
    prompts: dict[str, str] = {}
    for name, text in mapping_of(file)[0].items():
        if not isinstance(text, str) or not text.strip():
            raise Unreadable(f"{name}: it must be a text with the instructions of this type.")
        if len(text) > _LONGEST:
            raise Unreadable(f"{name}: it is longer than {_LONGEST:,} characters.")
        prompts[name] = text.strip()
    return prompts
