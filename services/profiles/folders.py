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

from services.profiles.form import ProfileForm, what_is_wrong
from services.profiles.reading import Unreadable, mapping_of
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
    same name; it need not exist.
    """

    def __init__(self, *, default: str = "general", own: Path | None = None) -> None:
        self._default = default
        self._folders = [SHIPPED] if own is None else [SHIPPED, own]
        self._kept: dict[Path, _Kept] = {}

    def profile(self, profile_id: str | None = None) -> Profile:
        """The named profile or the default, as its file says it now."""
        name = self._default if profile_id is None else profile_id
        path = self._files().get(name)
        if path is None:
            known = ", ".join(self.names())
            raise ProfileUnknown(f"There is no profile {name[:64]!r}; there are {known}.")
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

    def _files(self) -> Mapping[str, Path]:
        """Each profile's file by its name; of two the last folder's."""
        found: dict[str, Path] = {}
        for folder in self._folders:
            paths = sorted(folder.iterdir()) if folder.is_dir() else []
            found |= {
                path.stem: path
                for path in paths
                if path.suffix in _SUFFIXES and _NAME.fullmatch(path.stem) and path.is_file()
            }
        return found


def _read(path: Path, name: str) -> Profile:
    try:
        raw, content = mapping_of(path)
        return ProfileForm.model_validate(raw).profile(name, sha256(content).hexdigest()[:12])
    except Unreadable as error:
        raise ProfileBroken(f"{path.name}: {error}") from error
    except ValidationError as error:
        raise ProfileBroken(f"{path.name}: {what_is_wrong(error)}.") from error
