"""An installation's own instructions: a YAML file with one text for each prompt type.

Promises: a changed file applies from the next question on; a broken one is an error with the line,
never advice by unintended instructions.
"""

from pathlib import Path

from services.profiles.yaml_files import Unreadable, read_mapping
from use_cases.advice.errors import PromptFileBroken

_LONGEST = 20_000


class FilePrompts:
    """The implementation of the port `Prompts`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._cache: tuple[tuple[int, int], dict[str, str]] | None = None

    def prompt(self, prompt_type: str) -> str | None:
        """Return the instructions of this type; None where the installation has none.

        Raises `PromptFileBroken`.
        """
        try:
            looked = self._file.stat()
            look = (looked.st_mtime_ns, looked.st_size)
            if self._cache is None or self._cache[0] != look:
                self._cache = (look, _read(self._file))
        except OSError as error:
            raise PromptFileBroken(
                f"{self._file.name}: it cannot be read: {error.strerror}."
            ) from error
        except Unreadable as error:
            raise PromptFileBroken(f"{self._file.name}: {error}") from error
        return self._cache[1].get(prompt_type)


def _read(file: Path) -> dict[str, str]:
    prompts: dict[str, str] = {}
    for name, text in read_mapping(file)[0].items():
        if not isinstance(text, str) or not text.strip():
            raise Unreadable(f"{name}: it must be a text with the instructions of this type.")
        if len(text) > _LONGEST:
            raise Unreadable(f"{name}: it is longer than {_LONGEST:,} characters.")
        prompts[name] = text.strip()
    return prompts
