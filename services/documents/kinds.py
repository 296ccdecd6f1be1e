"""Files that are no documents by their names: data, code, logs, media, archives, programs.

Most of them are text, and some contain whole sentences; as documents they would fill a search with
keys, brackets and time stamps. For an ending on no list the content decides.
"""

from pathlib import PurePosixPath

from use_cases.knowledge.errors import SourceBinary

KINDS = {
    "data": (
        ".json .jsonl .ndjson .json5 .geojson .ipynb .yaml .yml .toml .ini .cfg .conf .env "
        ".properties .lock .xml .xsd .xsl .plist .svg .proto .parquet .avro .npy .npz .pkl .pickle "
        ".onnx .safetensors .db .sqlite .sqlite3 .po .mo .pem .crt .key .csr .ics .vcf"
    ),
    "code": (
        ".py .pyi .pyc .js .mjs .cjs .jsx .ts .tsx .vue .svelte .css .scss .sass .less .sql .sh "
        ".bash .zsh .fish .ps1 .bat .cmd .c .h .cc .cpp .hpp .cs .java .kt .kts .scala .go .rs .rb "
        ".php .pl .pm .lua .r .swift .m .dart .ex .exs .erl .hs .clj .groovy .gradle .tf .hcl .nix "
        ".cmake .mk .map .diff .patch .jinja .j2"
    ),
    "a log": ".log .trace",
    "an image": ".png .jpg .jpeg .gif .webp .bmp .ico .tif .tiff .heic .avif .psd .ai .eps .drawio",
    "sound or video": ".mp3 .wav .ogg .flac .m4a .aac .mp4 .m4v .mov .avi .mkv .webm",
    "a font": ".ttf .otf .woff .woff2",
    "an archive": ".zip .gz .tgz .bz2 .xz .zst .tar .7z .rar .jar .whl .iso .dmg",
    "a program": ".exe .dll .so .dylib .a .o .obj .class .wasm .bin .msi .deb .rpm .apk",
}
"""The kinds of files, with their endings."""

NAMES = {
    "makefile": "code",
    "dockerfile": "code",
    "jenkinsfile": "code",
    "vagrantfile": "code",
    "rakefile": "code",
    "gemfile": "code",
    "cmakelists.txt": "code",
    "go.mod": "data",
    "go.sum": "data",
}
"""The kinds of files by whole names."""

_BY_ENDING = {ending: kind for kind, endings in KINDS.items() for ending in endings.split()}
_TEXT = frozenset({"data", "code", "a log"})


def refuse_non_document(name: str) -> None:
    """Raises `SourceBinary` for a name that belongs to no document."""
    path = PurePosixPath(name.lower())
    kind = NAMES.get(path.name) or _BY_ENDING.get(path.suffix)
    if kind is None:
        return
    sign = f"its name ends in {path.suffix}" if path.name not in NAMES else "its name says so"
    reason = f"It is {kind}, not a document: {sign}."
    if kind in _TEXT:
        raise SourceBinary(reason, hint="If it is prose, give it the ending .txt or .md.")
    raise SourceBinary(reason)
