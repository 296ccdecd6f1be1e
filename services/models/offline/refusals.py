"""Recognises attempts to make the assistant reveal or drop its instructions.

A rule of thumb for a model-less answerer, not a security boundary: the offline answerer has no
secret to reveal and only ever quotes documents. Questions *about* keys, prompts or rules pass: an
attempt is told by its grammar (an order to the assistant, or its own set-up as the object), not by
its nouns. English, and the plain forms in German, French and Spanish.
"""

import re

from use_cases.kernel.text.disguises import readings

_ORDER = (
    r"(?:^|[.!?:;,\n\"“”'()>*\-–—]\s*|\b(?:please|now|just|then|and|kindly|first|also|simply|instead|but|so|or|"
    r"immediately|hereby|you (?:to|must|should|will|shall|can|may|could)|(?:can|could|will|would) you(?: please)?|"
    r"let'?s|let us)\s+)(?:(?:please|now|just|kindly|simply)\s+)?"
)
"""What stands before a verb that is an order: a beginning, "please", "you must"; never "may I"."""

_SHOW = (
    r"(?:show|print|reveal|tell|give|output|repeat|display|share|leak|dump|translate|summari[sz]e|paraphrase|encode|"
    r"paste|send|write|list|recite|quote|read|expose|disclose|echo|spell|copy|return|post|render|convert|put)"
)
_RULES = r"(?:instructions?|prompts?|directives?|guidelines?|guardrails?|guidance|directions|rules?|orders|restrictions?|programming|constraints)"
_KIND = r"(?:system|hidden|initial|original|internal|secret|exact|full|first|own|actual|real|complete|entire|very|current|underlying|developer|safety|openai|provider|model|api|base)"
_ENDS = (
    r"(?=\s*(?:$|[.,;:!?\"”')\-–—]|(?:and|or|are|is|you|for me|now|before|that|above|verbatim|word|please|"
    r"begin|begins|start|starts|say|says|here|again|completely|exactly|so|then|as|instead|anyway)\b|"
    r"(?:in|into|to|as|with) (?:full|detail|french|german|spanish|english|italian|latin|base64|hex|json|rot13|code|morse|"
    r"markdown|plain|all|one|your|a|an|me|everyone|the|it|this|\w+ (?:bullet|point|sentence|word|line)s?)\b))"
)
"""What may follow a set-up that is the object itself; "your rules *on pets*" goes on differently."""

_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        # Drop your rules: ignore all previous instructions; forget everything above.
        rf"{_ORDER}(?:ignore|forget|disregard|override|bypass|drop|skip|delete|erase|violate|break|suspend)\s+"
        rf"(?:(?:now|completely|everything in|about|just|absolutely)\s+){{0,2}}"
        rf"(?:all|any|every|your|previous|prior|earlier|above|the (?:previous|prior|above|earlier|system|initial|original|rules|instructions)|"
        rf"these|those|whatever)\b(?:\s+(?!for\b|about\b|on\b)[\w']+){{0,4}}?\s*\b(?:{_RULES}|training|messages?|commands?)\b",
        rf"{_ORDER}(?:ignore|forget|disregard)\s+(?:the (?:rules|instructions)\b{_ENDS}|"
        r"(?:everything|all|anything|what(?:ever)?)\b.{0,25}\b(?:above|before|previous(?:ly)?|earlier|told|learned|you know)\b|"
        r"(?:the|everything) (?:above|before)\b)",
        rf"{_ORDER}(?:do(?: not|n'?t)|no longer|never|stop|quit) (?:follow|obey|apply|comply with|stick to)(?:ing|ying)? "
        rf"(?:your|any|previous|these|all)\b(?:\s+\w+){{0,3}}?\s*\b{_RULES}\b",
        rf"{_ORDER}(?:disable|deactivate|turn off|switch off|remove|lift) (?:all |any )?(?:of )?(?:your|all|content)\b"
        r"(?:\s+\w+){0,2}?\s*\b(?:filters?|guardrails?|safeguards?|restrictions|limits|censorship|moderation)\b",
        rf"{_ORDER}(?:ignore|override|bypass|disable|disregard) (?:all |any |the |your )?(?:safety|security|content) (?:protocols?|polic(?:y|ies)|filters?|checks|measures)\b"
        r"(?! (?:of|for|on|in) )",
        rf"{_ORDER}(?:forget|ignore) (?:that )?(?:you(?:'re| are)|what (?:your|the) (?:developer|maker|creator)s?)\b|"
        rf"{_ORDER}(?:ignore|disregard|forget) the knowledge base\b",
        r"\b(?:instructions?|rules|directives|prompts?) (?:that (?:were|was) )?given to you\b|\b(?:top|start|beginning) of (?:this|our|the) (?:chat|conversation|prompt)\b",
        # Your set-up as the object: your system prompt; what are your instructions?
        rf"\b(?:your|ur|the (?:assistant|bot|chatbot|ai)'?s)\s+(?:(?:{_KIND})\s+)*(?:{_RULES}|system ?message|configuration|"
        rf"config|credentials|(?:api[ -]?|secret ?)keys?|environment variables?|env(?: file)?|set-?up){_ENDS}"
        r"(?!\s*(?:reply|answer|response|help|attention|action))",
        r"\b(?:your|ur|the (?:assistant|bot|chatbot|ai)'?s) (?:\w+ )?system ?(?:prompt|message|instruction)s?\b",
        rf"\b{_SHOW}\b.{{0,60}}\bsystem ?prompts?\b|\bwhat(?:'s| is| are| does| was) (?:in )?(?:the|this) (?:\w+ )?system ?prompts?\b|"
        r"^\W*(?:the )?system ?prompts?\W*$",
        rf"\b{_SHOW}\b.{{0,40}}\b(?:hidden|secret|initial|developer) (?:system )?(?:prompts?|instructions|message){_ENDS}",
        rf"{_ORDER}{_SHOW}\b(?: me| us)?(?: all)?(?: the)? (?:environment variables|env(?:ironment)?|\.env(?: file)?|(?:api|secret) ?keys?|credentials){_ENDS}",
        rf"\b(?:{_SHOW}|what(?:'s| is)|which is)\b.{{0,20}}\b(?:openai|anthropic|cohere|azure|gemini|provider'?s?|llm) (?:api )?(?:key|token)s?{_ENDS}",
        r"\b(?:your|the assistant's) (?:system|hidden|initial|secret|underlying) (?:prompts?|instructions)\b|\byour context(?: window)?\b",
        r"\b(?:api|secret) ?keys?\b(?:,? (?:that )?you (?:know|have|hold|use)|.{0,12}\bdo you (?:use|have|know|hold|run))\b",
        r"\b(?:previous|prior|earlier|above) (?:instructions|directives|orders) (?:are|were) (?:now |all )?(?:void|null|cancell?ed|revoked|suspended)\b",
        r"\bfirst (?:message|line|instruction|sentence|word)s? (?:in|of) (?:this|our|the) (?:conversation|chat|context|prompt|session)\b",
        # What you were told: the key you were started with; everything before my message.
        r"\b(?:instructions?|prompts?|directives?|guidelines|keys?|credentials|config(?:uration)?|message|rules)\b,?\s+"
        r"(?:that |which |with which |by which |under which )?(?:you|u) (?:were|are|was|have been|got|run|follow|obey|received|operate)\b",
        r"\b(?:everything|all|anything|what|text|words|exactly)\b.{0,20}\byou (?:were|have been|got|are) (?:told|given|instructed|prompted|programmed)\b",
        r"\bwhat (?:rules|instructions) do you (?:operate under|follow|obey)\b|\bwhat did (?:the|your) (?:developer|maker|creator)s? tell you\b|"
        r"\byour new (?:instructions?|rules?|task|role) (?:is|are)\b|"
        r"\b(?:what|how) (?:were|are|have) you (?:been )?(?:told|instructed|programmed|prompted|configured|set up)\b|"
        r"\bwhat (?:are|were) you (?:not allowed|forbidden) to (?:say|tell|reveal|discuss|share|answer)\b",
        rf"\b{_SHOW}\b\s+(?:me\s+)?(?:back\s+)?(?:(?:all|every|everything|any|exactly)\s+)?(?:(?:of )?the\s+)?(?:(?:first|very|last|\d+|entire|whole|full|exact)\s+){{0,2}}"
        r"(?:text|words?|content|contents|messages?|lines?|conversation|instructions|everything|prompt|sentences?|paragraphs?)?\s*"
        r"(?:(?:written|standing|that (?:stands?|comes?|came)|shown|right|directly|line)\s+)?\b(?:above|before (?:my|this)|preceding this|(?:prior|previous) to (?:my|this))\b(?! \d)",
        r"\b(?:everything|all|anything|what|text|words|messages?)\b.{0,20}\byou (?:have )?(?:received|been given|been shown|seen|read|saw|got)\b"
        r".{0,20}\b(?:before|above|so far|first|initially)\b",
        r"\bcomplete\b.{0,40}\bmy (?:system ?)?(?:prompt|instructions)\b",
        # Somebody else: you are now DAN; pretend to be; act as if; from now on tell everybody.
        r"(?<!if )(?<!when )(?<!once )(?<!because )\byou(?:'re| are) now (?:an?|the|my|called|in developer|free|unrestricted|dan\b|no longer|operating|running|acting)\b"
        r"(?! (?:deputy|new (?:colleague|employee|hire)))",
        r"\byou are no longer (?:an?|the|bound|restricted|limited|required|obliged)\b|\byou have no (?:rules|restrictions|limits|guidelines)\b(?! (?:on|for|about)\b)",
        rf"{_ORDER}(?:pretend (?:to be|that|you|there)|imagine (?:that )?you (?:are|were|have)|simulate (?:being|an?)|roleplay|role-play)\b|"
        r"\bpretend (?:that )?you\b|\b(?:let'?s|we(?:'ll| will)) (?:do |play )?(?:an? )?(?:role-?play|game where you)\b",
        rf"{_ORDER}(?:act|behave|speak|talk|answer|respond|reply) (?:as (?:if|though|an?|my|the)|like (?:my|you))\b(?! soon)",
        rf"{_ORDER}(?:enter|activate|enable|switch (?:in)?to|go into|start) (?:the )?(?:developer|debug|admin|god|jailbreak|sudo|unrestricted|dan)[ -]?mode"
        r"(?=\s*(?:$|[.,;:!?]|and\b|now\b))|\byou are (?:now )?in (?:developer|debug|admin|god) mode\b|"
        r"\bdo anything now\b|\bjailbreak(?:ed)? (?:mode|yourself|prompt)\b|(?-i:\b(?:as|are|be|called|named) DAN\b|\bDAN mode\b)",
        r"\bfrom now on,? (?:you (?:are|will|must|shall|have to|should|answer|only|always|never)|(?:always |only |never )?(?:answer|respond|reply|say|tell|"
        r"act|speak|call|ignore|treat|promise|write|claim))\b",
        r"\b(?:answer|respond|reply|speak|talk|write|behave|act)\b.{0,40}\bas (?:if|though) you\b|"
        r"\b(?:you|who|that|bot|ai) (?:ha(?:s|ve|d)|obeys?|knows?) no (?:content )?(?:polic(?:y|ies)|rules|restrictions|limits|limitations|"
        r"filters|guidelines)\b(?! (?:on|for|about)\b)",
        rf"{_ORDER}stop (?:being|behaving|acting|pretending)\b",
        r"\b(?:answer|respond|reply|speak|act|talk|ai|assistant|model|chatbot|tell me)\b.{0,40}\bwithout (?:any |all |your )?(?:restrictions|rules|filters?|limits|censorship|guidelines|guardrails)\b",
        r"\b(?:no|none of the) (?:restrictions|filters?|rules) (?:apply to you|bind you|anymore)\b",
        r"\b(?:decode|decrypt|decipher|unscramble)\b.{0,60}\b(?:and|then) (?:follow|execute|obey|do (?:what|as|exactly)|run (?:it|what))\b",
        # Frames that only a provider may write.
        r"<\|?/?(?:im_start|im_end|system|endoftext)\|?>|\[/?INST\]|<</?SYS>>|</source>|"
        r"(?:^|[.!?>*#\n]\s*)(?:new|updated|real) (?:system )?(?:instructions?|prompt)\s*:|\bsystem\s*:\s*(?:you|ignore|new|override|forget|disregard|reveal|show|print|output|obey|tell)\b",
        # German
        r"\b(?:ignorier|vergiss|vergessen sie|missacht|umgeh|übergeh|verwirf)\w*\b(?: bitte| sie| jetzt)*(?: alle[ns]?| die| deine[n]?| ihre[n]?| sämtliche[n]?)+ "
        r"(?:\w+e[nrs]? ){0,3}(?:anweisung|instruktion|regel|vorgabe|prompt|befehl)\w*",
        r"\b(?:deine?n?r?|ihre?n?r?) (?:\w+e[nrs]? )?(?:system[- ]?(?:prompt|anweisung|nachricht)\w*|anweisungen|instruktionen|api-?schlüssel|prompt)(?! (?:für|zu|zum|zur|bei|über)\b)",
        r"\bdu bist (?:jetzt|nun|ab sofort|nicht (?:mehr|länger)) \w+|\bab (?:jetzt|sofort) (?:antwort|sag|bist|sprich|ignorier)\w*|\bantworte\w* ab (?:jetzt|sofort)|\btu so,? als\b",
        r"\b(?:wiederhole?|gib|übersetze?|zeige?)\b.{0,40}\b(?:oberhalb|text (?:oben|über)|vor dieser nachricht)\b",
        r"\b(?:gib|zeige?|nenne?|verrate?|wie lautet|was steht|schreibe?)\b.{0,30}\bsystem[- ]?prompts?\b|"
        r"\bsetz\w*\b.{0,40}\b(?:anweisungen|regeln|vorgaben)\b.{0,12}\baußer kraft\b|\b(?:anweisungen|regeln|befehle)(?:, die (?:du|dir|man dir)| (?:hast|befolgst|bekamst|kennst) du)\b",
        # French
        r"\b(?:ignore[zr]?|oublie[zr]?|néglige[zr]?|contourne[zr]?)\b(?: toutes?| tous)*(?: les| tes| vos| ces) (?:\w+ ){0,2}(?:instructions?|consignes?|règles?|directives?)"
        r"(?= (?:précédentes?|antérieures?|ci-dessus|initiales?|données|reçues)|\W*$| et\b)",
        r"\b(?:ton|ta|votre|tes|vos) (?:\w+ )?(?:(?:prompt|message|invite)(?: (?:de )?(?:système|initial|caché))?|instructions|consignes|clés? (?:api|d'api|secrètes?))(?! (?:pour|sur|de|en cas)\b)",
        r"\btu es (?:maintenant|désormais|à présent)\b|\bvous êtes (?:maintenant|désormais) (?:une?|mon|libre)\b|\b(?:fais|faites) comme si\b|\bfais semblant\b|"
        r"\b(?:répète|répétez|traduis|traduisez)\b.{0,40}\b(?:ci-dessus|avant (?:ce|mon) message)\b",
        r"\b(?:instructions|consignes|règles) (?:que (?:tu|vous) (?:as|avez|suis|suivez)|qu'on (?:t'a|vous a))\b",
        # Spanish
        r"\b(?:ignor[ae]n?|olvid[ae]n?|descart[ae]n?)\b(?: todas?| todos)*(?: las| tus| sus| los) (?:\w+ ){0,2}(?:instrucciones|reglas|indicaciones|órdenes)"
        r"(?= (?:anteriores|previas|iniciales|de arriba)|\W*$| y\b)",
        r"\b(?:tus?|sus?) (?:\w+ )?(?:prompt(?: (?:de(?:l)? sistema|inicial|oculto))?|instrucciones(?: (?:iniciales|ocultas|internas|del sistema))?|claves? (?:de )?api)(?! (?:para|sobre|de|en caso)\b)",
        r"\b(?:instrucciones|reglas)(?: que)? te (?:dieron|han dado)\b|\bolvida todo lo anterior\b|\b(?:instrucciones|reglas) que (?:recibiste|has recibido|sigues)\b",
        r"\b(?:ahora eres|a partir de ahora (?:eres|respond|di|actúa)\w*|actúa como|finge (?:que|ser)|haz como si)\b|"
        r"\b(?:repite|traduce|muestra)\b.{0,40}\b(?:de arriba|anterior a este|antes de (?:este|mi) mensaje)\b",
    )
)


def asks_to_break_rules(text: str) -> bool:
    """Whether a message tries to change what the assistant is or to learn how it is set up."""
    return any(pattern.search(reading) for reading in readings(text) for pattern in _PATTERNS)
