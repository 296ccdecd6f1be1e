"""Profiles out of two folders: those that ship with Candor, and an installation's own.

Promises that a file that cannot be used costs only itself: it is named in the list, and asking for
it says what is wrong, in which file and at which field. A changed file counts from the next
question on; no name leads outside the folders. Leaves the form of a file to `form`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from services.profiles.profile_schema import ProfileForm, what_is_wrong
from services.profiles.yaml_files import Unreadable, mapping_of
from use_cases.advice.errors import ProfileBroken, ProfileUnknown
from use_cases.advice.profile import Profile

SHIPPED = Path(__file__).parent / "shipped"

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a file said when it looked like this (time of change in ns, size)."""

    looked: tuple[int, int]
    profile: Profile


class FolderProfiles:
    """Implements the port `Profiles`. `own` is a folder whose profiles replace shipped ones of the
    same name; `unusable` says when it does not exist.
    """

    def __init__(self, *, default: str = "general", own: Path | None = None) -> None:
        self._default = default
        self._own = own
        self._kept: dict[Path, _Kept] = {}

    def profile(self, profile_id: str | None = None) -> Profile:
        """The named profile or the default, as its file says it now."""
        name = self._default if profile_id is None else profile_id
        path = self._files().get(name)
        if path is None:
            known = ", ".join(self.names())
            gone = " The folder PROFILES_PATH cannot be read." if self._looked().no_folder else ""
            raise ProfileUnknown(f"There is no profile {name[:64]!r}; there are {known}.{gone}")
        try:
            looked = path.stat()
        except OSError as error:
            raise ProfileBroken(f"{path.name} cannot be read: {error.strerror}.") from error
        look = (looked.st_mtime_ns, looked.st_size)
        kept = self._kept.get(path)
        if kept is None or kept.looked != look:
            kept = self._kept[path] = _Kept(look, _read(path, name))
        return kept.profile

    def names(self) -> Sequence[str]:
        """The names of all files, by the alphabet."""
        return sorted(self._files())

    def unusable(self) -> Mapping[str, str]:
        """Files that are called like YAML and cannot be a profile, and the folder that is not there."""
        own = self._looked()
        gone = {str(self._own): own.no_folder} if own.no_folder else {}
        return {**gone, **own.unusable}

    def _files(self) -> Mapping[str, Path]:
        """Each profile's file by its name; of two the installation's own."""
        return {**_look(SHIPPED).files, **self._looked().files}

    def _looked(self) -> "_Folder":
        return _Folder({}, {}) if self._own is None else _look(self._own)


@dataclass(frozen=True, slots=True)
class _Folder:
    """The profiles of a folder by name, what else lies there and why it is none, by the file's name,
    and why the folder itself cannot be used.
    """

    files: Mapping[str, Path]
    unusable: Mapping[str, str]
    no_folder: str = ""


def _look(folder: Path) -> _Folder:
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        return _Folder({}, {}, f"The folder cannot be read: {error.strerror}.")
    files: dict[str, Path] = {}
    unusable: dict[str, str] = {}
    for path in paths:
        if path.suffix.lower() not in _SUFFIXES or path.name.startswith(".") or path.is_dir():
            continue
        if wrong := _wrong_name(path) or _second(path, files):
            unusable[path.name] = wrong
        else:
            files[path.stem] = path
    return _Folder(files, unusable)


def _wrong_name(path: Path) -> str:
    if path.suffix not in _SUFFIXES:
        return f"Its name must end in {' or '.join(_SUFFIXES)}, in small letters."
    if not _NAME.fullmatch(path.stem):
        return "A profile's name has small letters, digits, `-` and `_` only, and at most 64."
    return "" if path.is_file() else "It is no file that can be read."


def _second(path: Path, files: Mapping[str, Path]) -> str:
    return f"{files[path.stem].name} has the same name and counts." if path.stem in files else ""


def _read(path: Path, name: str) -> Profile:
    try:
        raw, content = mapping_of(path)
        return ProfileForm.model_validate(raw).profile(name, sha256(content).hexdigest()[:12])
    except Unreadable as error:
        raise ProfileBroken(f"{path.name}: {error}") from error
    except ValidationError as error:
        raise ProfileBroken(f"{path.name}: {what_is_wrong(error)}.") from error
