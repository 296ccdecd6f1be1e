"""A person's consent to a project that the agent has proposed. Pure.

A project cannot be undone, so code decides on it and no model: what was proposed is created only when the
message right after the proposal says that and nothing else. Every word of it has to be known here, so a
question, a condition, a "no" or a wish about the draft is no consent, in any language. Who is not
understood is asked again, or creates the project themselves (`POST …/project`, `candor conversations
project --create`).
"""

import re

from use_cases.conversations.drafts.model import DraftOpened

_WORD = re.compile(r"\w+")
_YES = frozenset(
    _WORD.findall(
        """yes yeah yep sure ok okay agreed confirm confirmed create make proceed go do
        ja jawohl gerne einverstanden bestätige bestätigt erstelle erstellen erstell anlegen lege leg mach
        oui crée créer créez confirme accord sí crea crear créalo confirmo adelante vale
        sì crealo conferma sim crie maak akkoord bevestigd"""
    )
)
"""The words of which consent needs one."""
_BESIDE = frozenset(
    _WORD.findall(
        """please now then thanks thank you the this that a it i we project linear in at for me us ahead so
        and exactly as is proposed
        bitte jetzt danke das dieses es projekt den dem vorschlag genau wie vorgeschlagen an und
        s il te vous plaît plait merci d le ce projet maintenant dans
        por favor gracias ahora el este proyecto en per favore grazie ora questo progetto
        obrigado agora o projeto het dit aan"""
    )
)
"""The words that may stand beside them."""


def consent(opened: DraftOpened) -> str | None:
    """The version that may be created in this turn; None for none.

    It was proposed by the reply just before the message, is still in force, and the message asks for it.
    """
    version = opened.draft.active_version
    if version is None or version.version_id != opened.proposal_id:
        return None
    return version.version_id if asks_for_it(opened.message.text) else None


def asks_for_it(message: str) -> bool:
    """Whether a message says that the project is to be created, and nothing else."""
    words = _WORD.findall(message.casefold())
    return (
        not set("?？؟;") & set(message)
        and any(word in _YES for word in words)
        and all(word in _YES or word in _BESIDE for word in words)
    )
