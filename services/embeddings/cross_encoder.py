"""The port `Reranker` over a cross-encoder in a folder, on this machine.

Promises: the model is read at the first use; a folder that cannot be used is `EmbedderUnavailable`.
"""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from use_cases.knowledge.errors import EmbedderUnavailable

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from services.embeddings.encoder import Session

_RUN = 8
"""Pairs in one run: a stop waits for one run at most."""


class CrossEncoder:
    """A model that reads the question and a passage together."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._loaded: tuple[Tokenizer, Session, str] | None = None
        self._limiter = anyio.CapacityLimiter(1)

    @property
    def name(self) -> str:
        """The name of the folder."""
        return f"local:{self._folder.name}"

    async def rerank(
        self, query: str, texts: Sequence[str], *, top_n: int
    ) -> Sequence[tuple[int, float]]:
        """Returns the best `top_n` as (index into `texts`, relevance 0 to 1), best first.

        Raises `EmbedderUnavailable`.
        """
        scores: list[float] = []
        for start in range(0, len(texts), _RUN):
            some = texts[start : start + _RUN]
            scores += await anyio.to_thread.run_sync(
                self._score, query, some, limiter=self._limiter
            )
        order = sorted(enumerate(scores), key=lambda pair: (-pair[1], pair[0]))
        return order[: max(0, top_n)]

    def _score(self, query: str, texts: Sequence[str]) -> list[float]:
        import numpy as np

        from services.embeddings.encoder import padded
        from services.embeddings.model_folder import accepted

        tokenizer, session, output = self._load()
        pairs = tokenizer.encode_batch([(query, text) for text in texts])
        inputs = {
            "input_ids": padded([one.ids for one in pairs]),
            "attention_mask": padded([[1] * len(one.ids) for one in pairs]),
            "token_type_ids": padded([one.type_ids for one in pairs]),
        }
        [logits] = session.run([output], accepted(session, inputs))
        # Of one number its logistic; of several classes the share of the last one, "relevant".
        found = np.asarray(logits, dtype=np.float64).reshape(len(texts), -1)
        against = np.zeros(len(texts)) if found.shape[1] == 1 else found[:, 0]
        return (1 / (1 + np.exp(against - found[:, -1]))).tolist()

    def _load(self) -> "tuple[Tokenizer, Session, str]":
        # Imported on first use: numpy takes a tenth of a second of start-up.
        from services.embeddings.model_folder import ModelFolder, scoring_output

        with self._lock:
            if self._loaded is None:
                model = ModelFolder(self._folder)
                session = model.session()
                output = scoring_output(session)
                if output is None:
                    raise EmbedderUnavailable(
                        f"{self._folder} is no cross-encoder: its graph has no `logits`.",
                        hint="`candor models check PATH` shows what a folder is.",
                    )
                self._loaded = (model.tokenizer(), session, output)
            return self._loaded
