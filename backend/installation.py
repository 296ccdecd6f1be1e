"""Where this program's own files lie: in a checkout of the source, or in an installed wheel."""

from pathlib import Path

_PACKAGES = Path(__file__).parents[1]


def checkout() -> Path | None:
    """The checkout that the program runs from; None where it is installed without one."""
    return _PACKAGES if (_PACKAGES / "pyproject.toml").is_file() else None


def samples() -> Path:
    """The sample documents, tables and league that came with the program."""
    return (checkout() or _PACKAGES / "backend") / "samples"
