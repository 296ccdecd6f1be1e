"""A model in a folder, as the public exporters of ONNX write it: its graph, its tokenizer, and how to use both.

Read are `model.onnx` (also in `onnx/`, and in a smaller variant where that is the only one), `tokenizer.json`,
`config.json`, and sentence-transformers' `1_Pooling/config.json`, `sentence_bert_config.json` and
`config_sentence_transformers.json`. What none of them says is assumed as most models have it, and named in
`ModelFacts.assumed`. Promises: a folder that cannot be used is `EmbedderUnavailable`, and its hint says what
is missing; nothing is written, and no code of the folder is run.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from services.embeddings.encoder import Session, open_exported
from use_cases.knowledge.errors import EmbedderUnavailable
from use_cases.knowledge.model import ModelFacts

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Pooling = Literal["mean", "cls"]

_GRAPHS = ("model.onnx", "model_optimized.onnx", "model_fp16.onnx", "model_quantized.onnx")
_WIDTHS = ("hidden_size", "dim", "d_model", "n_embd")
_WINDOW, _LONGEST = 512, 8192
_E5 = re.compile(r"(?:^|[-_/])e5(?:[-_]|$)")
_PREFIXES = (
    "query: ",
    "passage: ",
)  # of the E5 family (Wang et al. 2022), whose exports do not state them
_ENDS = 1 << 20
_LAYOUT = (
    "It takes a folder with model.onnx (or onnx/model.onnx), tokenizer.json and config.json, as "
    "`optimum-cli export onnx` writes it."
)


@dataclass(frozen=True)
class ModelFolder:
    """A folder, read at the first use."""

    folder: Path

    @cached_property
    def graph(self) -> Path:
        """The file of the graph. Raises `EmbedderUnavailable`."""
        places = [self.folder / place / name for name in _GRAPHS for place in (".", "onnx")]
        found = next((place for place in places if place.is_file()), None)
        if found is None:
            raise _unusable(self.folder, "has no model.onnx")
        return found

    @cached_property
    def id(self) -> str:
        """The name of the folder with a digest: of its descriptions, and of the size and both ends of the graph.

        Raises `EmbedderUnavailable`.
        """
        digest = sha256(repr((self.window, self.pooling, self.prefixes)).encode())
        digest.update(self._read("tokenizer.json"))
        with self.graph.open("rb") as file:
            digest.update(file.read(_ENDS))
            size = file.seek(0, 2)
            file.seek(max(0, size - _ENDS))
            digest.update(file.read() + str(size).encode())
        return f"local:{self.folder.name}@{digest.hexdigest()[:12]}"

    @cached_property
    def dimensions(self) -> int:
        """The length of the vectors. Raises `EmbedderUnavailable`."""
        width = next((self._config[name] for name in _WIDTHS if name in self._config), None)
        if not isinstance(width, int) or width < 1:
            raise _unusable(self.folder, "has a config.json without hidden_size")
        return width

    @cached_property
    def window(self) -> int:
        """The number of tokens that are read of a text. Raises `EmbedderUnavailable`."""
        stated = (
            self._json("sentence_bert_config.json").get("max_seq_length"),
            self._json("tokenizer_config.json").get("model_max_length"),
            self._config.get("max_position_embeddings"),
        )
        known = [one for one in stated if isinstance(one, int) and 0 < one <= _LONGEST]
        # RoBERTa's kind counts two positions that no token gets.
        lost = 2 if str(self._config.get("model_type", "")).startswith(("roberta", "xlm-r")) else 0
        return min([*known, _LONGEST if known else _WINDOW]) - (lost if known == [stated[2]] else 0)

    @cached_property
    def pooling(self) -> Pooling:
        """How the states of the tokens become one vector. Raises `EmbedderUnavailable`."""
        stated = self._json("1_Pooling/config.json")
        modes = [name for name, value in stated.items() if value is True] or [
            str(stated.get("pooling_mode", "mean"))
        ]
        named = {
            mode.removeprefix("pooling_mode_").removesuffix("_token").removesuffix("_tokens")
            for mode in modes
        }
        named -= {"include_prompt"}
        if named == {"cls"}:
            return "cls"
        if named == {"mean"}:
            return "mean"
        raise _unusable(
            self.folder, f"pools by {', '.join(sorted(named))}; mean and cls are possible"
        )

    @cached_property
    def prefixes(self) -> tuple[str, str]:
        """What is put before a question and before a passage. Raises `EmbedderUnavailable`."""
        stated = self._json("config_sentence_transformers.json").get("prompts")
        if isinstance(stated, dict) and stated:
            prompts = cast("Mapping[str, object]", stated)
            passage = prompts.get("document", prompts.get("passage"))
            return str(prompts.get("query") or ""), str(passage or "")
        return _PREFIXES if self._is_e5 else ("", "")

    def tokenizer(self) -> "Tokenizer":
        """Opens the tokenizer. Raises `EmbedderUnavailable`."""
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_buffer(self._read("tokenizer.json"))
        except ValueError as error:
            raise _unusable(self.folder, "has a tokenizer.json that cannot be read") from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(self.window)
        return tokenizer

    def session(self) -> Session:
        """Opens the graph. Raises `EmbedderUnavailable`."""
        session = open_exported(self.graph)
        if session is None:
            raise _unusable(self.folder, f"has a {self.graph.name} that cannot be run here")
        return session

    def encoding(self) -> "PooledSession":
        """Opens the graph of an embedder. Raises `EmbedderUnavailable`."""
        return PooledSession(self.session(), self)

    def facts(self) -> ModelFacts:
        """Describes the model. Raises `EmbedderUnavailable`."""
        window = self.window  # first, as it says whether there is a folder
        session = self.session()
        scores = scoring_output(session) is not None
        if not scores:
            state_output(session, self.folder)
        question, passage = ("", "") if scores else self.prefixes
        return ModelFacts(
            name=self.folder.name,
            kind="reranker" if scores else "embedder",
            graph=str(self.graph.relative_to(self.folder)),
            window=window,
            dimensions=None if scores else self.dimensions,
            pooling=None if scores else self.pooling,
            question_prefix=question,
            passage_prefix=passage,
            assumed=() if scores else tuple(self._assumed()),
        )

    def _assumed(self) -> Sequence[str]:
        return [
            f"{what} ({file} is missing or does not say it)"
            for what, file, said in (
                ("pooling", "1_Pooling/config.json", self._json("1_Pooling/config.json")),
                (
                    "prefixes",
                    "config_sentence_transformers.json",
                    self._json("config_sentence_transformers.json").get("prompts"),
                ),
            )
            if not said
        ]

    @property
    def _is_e5(self) -> bool:
        names = (self.folder.name, str(self._config.get("_name_or_path", "")))
        return any(_E5.search(name.casefold()) for name in names)

    @cached_property
    def _config(self) -> Mapping[str, Any]:
        if not self.folder.is_dir():
            raise _unusable(self.folder, "is no folder")
        if not (self.folder / "config.json").is_file():
            raise _unusable(self.folder, "has no config.json")
        return self._json("config.json")

    def _json(self, name: str) -> Mapping[str, Any]:
        """Reads a description; one that is not there says nothing."""
        if not (self.folder / name).is_file():
            return {}
        try:
            found: object = json.loads(self._read(name))
        except ValueError as error:
            raise _unusable(self.folder, f"has a {name} that is no JSON") from error
        return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}

    def _read(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError as error:
            raise _unusable(self.folder, f"has no {name}") from error
        except OSError as error:
            raise _unusable(
                self.folder, f"has a {name} that cannot be read: {error.strerror}"
            ) from error


class PooledSession:
    """A graph that gives states of tokens, with the outputs of the encoder: unit vectors, and the states."""

    def __init__(self, session: Session, model: ModelFolder) -> None:
        self._session = session
        self._output = state_output(session, model.folder)
        self._pooling = model.pooling

    def run(
        self, names: Sequence[str], inputs: Mapping[str, NDArray[np.int64]]
    ) -> Sequence[NDArray[np.float32]]:
        """Returns `vectors` (texts, dimensions) and, where `names` has them, `tokens` of the texts."""
        [found] = self._session.run([self._output], accepted(self._session, inputs))
        states = np.asarray(found, dtype=np.float32)
        if self._pooling == "cls":
            vectors = states[:, 0]
        else:  # the divisor of the mean is left out: a unit vector has none
            vectors = np.einsum("btd,bt->bd", states, inputs["attention_mask"].astype(np.float32))
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: NDArray[np.float32] = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
        return [unit, states][: len(names)]


def accepted(
    session: Session, inputs: Mapping[str, NDArray[np.int64]]
) -> dict[str, NDArray[np.int64]]:
    """Returns the inputs that a graph has, with the first segment for each token where it wants to know."""
    known = {"token_type_ids": np.zeros_like(inputs["input_ids"]), **inputs}
    return {one.name: known[one.name] for one in session.get_inputs() if one.name in known}


def state_output(session: Session, folder: Path) -> str:
    """Returns the name of the output (texts, tokens, dimensions). Raises `EmbedderUnavailable`."""
    found = [one.name for one in session.get_outputs() if len(one.shape) == 3]
    if not found:
        raise _unusable(folder, "has a graph without states of tokens (`last_hidden_state`)")
    return found[0]


def scoring_output(session: Session) -> str | None:
    """Returns the name of the output of a cross-encoder, (texts, classes); None for another model."""
    found = session.get_outputs()
    return found[0].name if len(found) == 1 and found[0].name == "logits" else None


def _unusable(folder: Path, reason: str) -> EmbedderUnavailable:
    return EmbedderUnavailable(f"{folder} {reason}.", hint=_LAYOUT)
