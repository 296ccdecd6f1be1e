"""The program's own files: in a checkout of the source, or in an installed wheel."""

from pathlib import Path

_PACKAGES = Path(__file__).parents[1]


def checkout() -> Path | None:
    """Returns the checkout that the program runs from; None where it is installed without one."""
    return _PACKAGES if (_PACKAGES / "pyproject.toml").is_file() else None


def samples() -> Path:
    """Returns the folder of the sample documents, tables and league."""
    return (checkout() or _PACKAGES / "backend") / "samples"
