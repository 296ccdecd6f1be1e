"""The replies of the offline answerer to small talk, and to text without a question.

They are in the language of the message: English, German, French or Spanish. They state nothing that
a document would have to support; they count what is stored.
"""

from collections.abc import Mapping
from types import MappingProxyType

from use_cases.kernel.small_talk import Act, ParsedMessage
from use_cases.knowledge.model import LibraryStatistics

CLARIFYING = "Could you ask a whole question, with the document, system or rule that it is about?"

_MOST_CATEGORIES = 8

_REPLIES: Mapping[str, Mapping[Act, str]] = MappingProxyType(
    {
        "en": {
            Act.GREETING: "Hello! What would you like to know?",
            Act.WELLBEING: "I'm ready, thank you. What would you like to know?",
            Act.THANKS: "You're welcome!",
            Act.GOODBYE: "Goodbye!",
            Act.IDENTITY: "I'm Candor, an assistant that answers from the documents stored here. Without a language model I quote them word for word.",
            Act.ABILITIES: "I answer questions from the documents stored here, quote the sentence that says so, and say it when they hold no answer.",
            Act.ASSENT: "All right. What else would you like to know?",
            Act.BEYOND: "I answer only from the documents stored here, and that is nothing they could tell.",
            Act.COMPLAINT: "I'm sorry. Please ask again in other words, or name the document that the answer should be in.",
        },
        "de": {
            Act.GREETING: "Hallo! Was möchten Sie wissen?",
            Act.WELLBEING: "Ich bin bereit, danke. Was möchten Sie wissen?",
            Act.THANKS: "Gern geschehen!",
            Act.GOODBYE: "Auf Wiedersehen!",
            Act.IDENTITY: "Ich bin Candor, ein Assistent, der aus den hier gespeicherten Dokumenten antwortet. Ohne Sprachmodell zitiere ich sie wörtlich.",
            Act.ABILITIES: "Ich beantworte Fragen aus den hier gespeicherten Dokumenten, zitiere den Satz, der es sagt, und sage es, wenn sie keine Antwort enthalten.",
            Act.ASSENT: "In Ordnung. Was möchten Sie noch wissen?",
        },
        "fr": {
            Act.GREETING: "Bonjour ! Que souhaitez-vous savoir ?",
            Act.WELLBEING: "Je suis prêt, merci. Que souhaitez-vous savoir ?",
            Act.THANKS: "Je vous en prie !",
            Act.GOODBYE: "Au revoir !",
            Act.IDENTITY: "Je suis Candor, un assistant qui répond à partir des documents enregistrés ici. Sans modèle de langage, je les cite mot pour mot.",
            Act.ABILITIES: "Je réponds aux questions à partir des documents enregistrés ici, je cite la phrase qui le dit, et je le signale quand ils ne contiennent pas de réponse.",
            Act.ASSENT: "D'accord. Que souhaitez-vous savoir d'autre ?",
        },
        "es": {
            Act.GREETING: "¡Hola! ¿Qué desea saber?",
            Act.WELLBEING: "Estoy listo, gracias. ¿Qué desea saber?",
            Act.THANKS: "¡De nada!",
            Act.GOODBYE: "¡Hasta luego!",
            Act.IDENTITY: "Soy Candor, un asistente que responde a partir de los documentos guardados aquí. Sin un modelo de lenguaje, los cito palabra por palabra.",
            Act.ABILITIES: "Respondo preguntas a partir de los documentos guardados aquí, cito la frase que lo dice y aviso cuando no contienen una respuesta.",
            Act.ASSENT: "De acuerdo. ¿Qué más desea saber?",
        },
    }
)
_STORED: Mapping[str, str] = MappingProxyType(
    {
        "en": "Documents stored",
        "de": "Gespeicherte Dokumente",
        "fr": "Documents enregistrés",
        "es": "Documentos guardados",
    }
)
_ALONE = (Act.IDENTITY, Act.ABILITIES, Act.COMPLAINT)
_GREETS = (Act.GREETING, Act.WELLBEING, Act.ASSENT)
"""Replies that ask for a question; they are left out beside any other reply."""


def reply(message: ParsedMessage, held: LibraryStatistics | None) -> str:
    """Return the reply to a message without a question; `held` are the library's statistics."""
    replies = _REPLIES[message.language]
    about = [act for act in message.acts if act in _ALONE]
    polite = [act for act in message.acts if act not in (*_ALONE, *_GREETS)]
    acts = about or polite or list(message.acts[-1:])
    said = [replies.get(act) or _REPLIES["en"][act] for act in acts]
    if Act.ABILITIES in acts and held is not None:
        said.append(_holdings(_STORED[message.language], held))
    return " ".join(said) or CLARIFYING


def _holdings(label: str, held: LibraryStatistics) -> str:
    """Return the number of stored documents, with their largest categories."""
    largest = sorted(held.categories.items(), key=lambda one: (-one[1], one[0]))
    names = [f"{name} {count}" for name, count in largest[:_MOST_CATEGORIES]]
    more = ["…"] if len(largest) > _MOST_CATEGORIES else []
    named = f" ({', '.join(names + more)})" if names else ""
    return f"{label}: {held.documents}{named}."
