"""The phrases of small talk, by language and by what they do.

Patterns of text in lower case. English in full, the common phrases of German, French and Spanish.
"""

from enum import StrEnum


class Act(StrEnum):
    """What a phrase of small talk does."""

    GREETING = "greeting"
    WELLBEING = "wellbeing"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    IDENTITY = "identity"
    """Who or what the assistant is."""
    ABILITIES = "abilities"
    """What the assistant can do, and what it knows of."""
    ASSENT = "assent"
    """Yes, no, fine, a compliment, an apology: it was heard, and asks nothing."""
    COMPLAINT = "complaint"
    """The last answer was no help."""
    BEYOND = "beyond"
    """What no document tells: the time of day, a sum, a joke."""


PHRASES: tuple[tuple[str, Act, str], ...] = (
    (
        "en",
        Act.GREETING,
        r"h+i+(?:ya)?|he+y+a?|hell?o+|howdy|g'?day|greetings|yo+|welcome|ahoy|"
        r"(?:good )?(?:morning?|afternoon|evening)|good day|gm|dear (?:sir|madam|candor|assistant|team)|"
        r"ping|are you (?:still )?(?:there|here|awake|online)|(?:is )?any(?:body|one) (?:there|here|home)|"
        r"(?:it'?s )?(?:nice|good|pleased|great) to (?:meet|see) you(?: too)?|long time no see",
    ),
    (
        "en",
        Act.WELLBEING,
        r"how(?: are|'re| r) (?:you|u|ya|things)(?: doing| feeling| going)?|how (?:do you do|you doing)|"
        r"how(?:'s| is) (?:it|everything|life|your day|the day)(?: going)?|(?:what'?s|wha?t'?s|wass) ?up+|sup|"
        r"(?:i )?hope (?:you(?:'re| are)|all is|this finds you)(?: doing)? well|how have you been|are you (?:ok(?:ay)?|well|fine)|"
        r"how was your (?:day|weekend)",
    ),
    (
        "en",
        Act.THANKS,
        r"(?:many |a (?:thousand|million) )?thanks?(?: you| u| a (?:lot|bunch|million|ton)| so much| again)?|thank ?you|"
        r"thx+|tha?nks?|thnx|ty(?:sm|vm)?|cheers|much appreciated|(?:i |we )?(?:really |very much )?appreciate (?:it|that|this|you|your help)|"
        r"(?:i'?m |we'?re )?(?:very |so |really |most )?(?:grateful|obliged)|you(?:'ve| have)? (?:saved|made) my day|you(?:'re| are) a life ?saver",
    ),
    (
        "en",
        Act.BEYOND,
        r"what(?:'s| is)? (?:the )?(?:(?:current|exact|right) )?(?:time|date)(?: is it)?(?: (?:now|today|right now))?|"
        r"(?:what|which) (?:time|day|date|month|year)(?: of the week)? is (?:it|today|this)(?: (?:now|today|right now))?|"
        r"what(?:'s| is) (?:today|today's date)|(?:do you know |can you tell me )?what time it is|"
        r"(?:what(?:'s| is)|how much is|calculate|compute) -?[\d.,]+(?: ?(?:plus|minus|times|divided by|multiplied by|over|[-+*/x×÷^]) ?-?[\d.,]+)+|"
        r"(?:tell|give) (?:me|us) (?:a|another|one more) (?:good |funny )?(?:joke|story|riddle|poem)|"
        r"(?:sing|play) (?:me |us )?(?:a song|something)|flip a coin|roll a die",
    ),
    (
        "en",
        Act.GOODBYE,
        r"(?:good )?bye+(?: bye+)?|good ?bye+|good ?night|night night|gn|cya|ciao+|farewell|so long|take care|ttyl|"
        r"(?:see|catch|talk to|speak to) (?:you|ya|u)(?: (?:later|soon|tomorrow|around|again|then|next (?:time|week)|on \w+day))?|"
        r"until (?:next time|tomorrow)|later|laters|have a (?:nice|good|great|lovely|wonderful) (?:one|day|evening|afternoon|night|weekend|time|week|rest of (?:the|your) \w+)|"
        r"(?:i (?:have|need|'ve got) to|i'?ve got to|i(?:'ll| will|'m| am) (?:have to )?|gotta|got to)(?: be)? ?(?:go|going|off|leave|leaving|run)(?: now)?|"
        r"that(?:'s| is| was| will be| would be)(?: it| all)(?: for (?:now|today))?|"
        r"(?:i have |i've )?(?:no (?:more|further|other) questions|nothing else)",
    ),
    (
        "en",
        Act.IDENTITY,
        r"(?:and )?who(?:'re| are|'s| is| r) (?:you|u|this|there|candor)|what(?:'re| are| r) (?:you|u)(?: exactly)?|"
        r"what(?:'s| is) (?:your name|candor)|(?:do you have|have you got) a name|what (?:should|can|do|may) (?:i|we) call you|"
        r"(?:please )?introduce yourself|tell (?:me|us) (?:something |more |a (?:bit|little) )?about yourself|"
        r"are you (?:really )?(?:an? )?(?:(?:ai|real|actual|human|living|chat) )*(?:ai|bot|chatbot|robot|machine|computer|program|human|person|real|alive|assistant|"
        r"chatgpt|gpt|gpt-?\d\w*|claude|gemini|siri|alexa|llm|language model|model)(?: or (?:an? )?\w+)?|am i (?:talking|speaking|chatting) (?:to|with) an? (?:\w+ )?(?:human|person|bot|robot|machine|ai|computer)|"
        r"who (?:made|built|created|wrote|developed|programmed|trained|owns|invented) you|(?:which|what)(?: language| ai)? model (?:are you|is this|do you (?:use|run))|"
        r"how old are you|where (?:are you(?: from)?|do you (?:live|come from))|(?:do|can) you (?:have|feel) (?:any )?(?:feelings|emotions)|are you (?:sentient|conscious)",
    ),
    (
        "en",
        Act.ABILITIES,
        r"(?:and )?what (?:can|do|could|are) (?:you|u)(?: actually| really)? (?:do|able to do|good (?:at|for)|know(?: about)?|offer|help (?:me |us )?with|capable of|made for|for)(?: for (?:me|us))?|"
        r"what are your (?:capabilities|features|abilities|skills|functions|limits|limitations|sources)|what (?:else )?can (?:i|we|one) (?:ask|do|use)(?: you)?(?: (?:about|for|here|with you))?|"
        r"(?:can|could|will|would) you (?:please )?help(?: me| us)?(?: (?:out|please|with something))?|(?:i |we )?(?:need|want|could use)(?: some| your)? (?:help|assistance)|help(?: me| us)?|"
        r"how (?:can|could|do|will) you (?:help|assist|work|answer)(?: me| us)?|how (?:do|can|should|does) (?:i|we|one|this|it) (?:use|ask|talk to|work)(?: (?:this|you|it))?|"
        r"what (?:is|'s) (?:this (?:thing|tool|app|bot|chat|place|assistant|program|system)|your (?:purpose|job|task|function|role))|what is this|"
        r"(?:what|which)(?: kinds? of| sort of| types? of)? (?:topics?|subjects?|documents?|docs|files|sources|questions|data|information|things|stuff|knowledge|categories) (?:do|can|could|are) (?:you|i|we|there)"
        r"(?: (?:have|know|know about|cover|answer|ask|hold|read|use|see|search|ingested|loaded|available|access|have access to|help (?:me |us )?with))*|"
        r"what(?:'s| is) in (?:the|your|this) (?:knowledge base|library|collection|database)|"
        r"(?:can|may|could) i ask(?: you)?(?: (?:something|a question|anything))?|i have (?:a|another|one more|some) questions?|(?:show|give) me (?:some )?examples?|what do you know",
    ),
    (
        "en",
        Act.ASSENT,
        r"ok(?:ay|ey|i|ie)?|k+|alright|all right|right|sure(?: thing)?|fine|good|great|nice|cool|perfect|awesome|excellent|wonderful|amazing|brilliant|fantastic|lovely|super|superb|"
        r"wow+|lo+l+|(?:ha){2,}h?|he(?:he)+|ye+s+|yeah+|yep|yup|aye|no+|nope|nah|maybe|perhaps|got it|i see|i (?:understand|know|agree)|understood|noted|makes sense|"
        r"sounds good|very good|well done|good (?:job|work|bot|boy|girl)|great (?:job|work|answer)|(?:that|this|it)(?:'s| is| was)? (?:very |really |so )?(?:helps?|helped|helpful|works|worked|great|good|perfect|fine|cool|ok(?:ay)?|nice|interesting|funny|clear|right|correct|true|useful|what i needed)|"
        r"you(?:'re| are) (?:very |so |really |too )?(?:great|good|awesome|amazing|helpful|smart|clever|funny|nice|kind|welcome|right|the best|cute)|i (?:love|like) (?:you|it|this|that)|"
        r"(?:i(?:'m| am) )?(?:so |very )?sorry|my (?:bad|mistake|apologies)|apologies|pardon(?: me)?|excuse me|never ?mind|no (?:problem|worries|thanks|thank you)|not (?:really|now)|"
        r"of course|indeed|exactly|correct|absolutely|definitely|interesting|(?:just |only )?(?:kidding|joking)|i(?:'m| am) (?:fine|good|ok(?:ay)?|well|bored|tired|back|here|happy|sad)|same here|me too|you too|likewise",
    ),
    (
        "en",
        Act.COMPLAINT,
        r"(?:that|this|it|you)(?:'s| is| was|'re| are| were)? (?:just |completely |totally |so |very )?(?:wrong|false|incorrect|nonsense|useless|no help|not (?:right|true|correct|helpful|useful|what i (?:asked|meant|wanted)(?: for)?)|"
        r"unhelpful|rubbish|bad|stupid|dumb|terrible|crap|an? (?:idiot|joke))|(?:that|this|it) (?:does ?n[o']?t|did ?n[o']?t) (?:help|work|answer (?:my question|it|that))|"
        r"i (?:do ?n[o']?t|did ?n[o']?t) (?:understand|get it|ask (?:for )?(?:that|this))(?: (?:that|this|you|it))?|i hate (?:you|this)",
    ),
    (
        "de",
        Act.GREETING,
        r"hallo+|hallöchen|guten? (?:tag|morgen|abend)|(?:schönen )?guten(?: tag| morgen| abend)|grüß (?:gott|dich|euch|sie)|grüezi|servus|moin(?: moin)?|tach|morgen|"
        r"sehr geehrte (?:damen und herren|frau|herren)|liebes team",
    ),
    ("de", Act.WELLBEING, r"wie geht(?:'?s|(?: e?s)?)(?: (?:dir|ihnen|euch))?|alles (?:klar|gut)"),
    (
        "de",
        Act.THANKS,
        r"danke+(?: ?(?:schön|sehr|vielmals|dir|ihnen))*|vielen? (?:lieben |herzlichen )?dank|(?:besten|herzlichen|lieben|tausend) dank|ich danke (?:dir|ihnen|euch)|dankeschön|merci vielmals",
    ),
    (
        "de",
        Act.GOODBYE,
        r"tsch(?:ü|ue)s{1,2}i?|auf wieder(?:sehen|schauen|hören)|bis (?:bald|dann|später|morgen|nachher|zum nächsten mal)|gute nacht|tschau|"
        r"(?:einen )?schönen? (?:tag|abend|feierabend|wochenende)(?: noch)?|mach'?s gut|mit freundlichen grüßen|viele grüße|mfg|(?:das|mehr) (?:war|ist)(?: auch)? (?:alles|es)",
    ),
    (
        "de",
        Act.IDENTITY,
        r"wer (?:bist du|sind sie)|was (?:bist du|sind sie)|wie (?:heißt du|heissen sie|heißen sie|ist (?:dein|ihr) name)|"
        r"(?:bist du|sind sie) (?:ein(?:e)? )?(?:echter? )?(?:mensch|ki|bot|chatbot|roboter|maschine|computer|programm|chatgpt)",
    ),
    (
        "de",
        Act.ABILITIES,
        r"was (?:kannst du|können sie)(?: (?:alles|denn|so))*(?: (?:tun|machen|für mich tun))?|was (?:weißt du|wissen sie)|(?:kannst du|können sie) mir (?:bitte )?helfen|(?:ich brauche )?hilfe|"
        r"wobei (?:kannst du|können sie)(?: mir)? helfen|wie (?:funktionierst du|kannst du(?: mir)? helfen|können sie(?: mir)? helfen)|was kann ich (?:dich |sie )?(?:hier )?fragen|welche dokumente (?:hast du|gibt es|kennst du|haben sie)",
    ),
    (
        "de",
        Act.ASSENT,
        r"ja+|nein|nee|jep|genau|klar|gut|sehr gut|super|prima|toll|alles klar|in ordnung|verstanden|verstehe|ach so|schon gut|entschuldigung|sorry|tut mir leid|perfekt|klasse|passt|bitte(?: schön| sehr)?|gern(?: geschehen)?",
    ),
    ("fr", Act.GREETING, r"bonjour|bonsoir|salut|coucou|bonne journée à tous|allô|re-?bonjour"),
    (
        "fr",
        Act.WELLBEING,
        r"(?:comment )?(?:ça|ca) va(?: bien)?|comment (?:allez[- ]vous|vas[- ]tu|tu vas)|quoi de neuf",
    ),
    (
        "fr",
        Act.THANKS,
        r"(?:un grand |mille )?merci(?: (?:beaucoup|bien|infiniment|à (?:toi|vous)|mille fois|pour tout|d'avance))*|je (?:te|vous) remercie(?: beaucoup)?",
    ),
    (
        "fr",
        Act.GOODBYE,
        r"au revoir|adieu|à (?:bientôt|demain|plus(?: tard)?|tout à l'heure|la prochaine)|bonne (?:nuit|journée|soirée|continuation)|bon week-?end|cordialement|c'est tout",
    ),
    (
        "fr",
        Act.IDENTITY,
        r"qui (?:es[- ]tu|êtes[- ]vous)|(?:tu es|vous êtes) qui|comment (?:t'appelles[- ]tu|tu t'appelles|vous appelez[- ]vous)|(?:es[- ]tu|êtes[- ]vous) (?:une? )?(?:robot|ia|humain|machine|bot|personne|chatgpt)|"
        r"quel est (?:ton|votre) nom",
    ),
    (
        "fr",
        Act.ABILITIES,
        r"que (?:peux[- ]tu|pouvez[- ]vous|sais[- ]tu|savez[- ]vous)(?: faire)?(?: pour moi)?|qu'est[- ]ce que (?:tu (?:peux|sais)|vous (?:pouvez|savez))(?: faire)?(?: pour moi)?|"
        r"(?:peux[- ]tu|pouvez[- ]vous|tu peux|vous pouvez) m'aider|aide(?:[- ]moi)?|(?:j'ai besoin d'|à l')aide|comment (?:ça marche|peux[- ]tu m'aider|pouvez[- ]vous m'aider)",
    ),
    (
        "fr",
        Act.ASSENT,
        r"oui|non|d'accord|ça marche|très bien|bien|parfait|super|génial|je vois|compris|j'ai compris|pardon|désolée?|excusez[- ]moi|pas de problème|de rien|exact(?:ement)?|entendu|c'est (?:bon|parfait|noté|clair)",
    ),
    (
        "es",
        Act.GREETING,
        r"hola+|buen(?:os|as|) ?(?:d[ií]as?|tardes|noches)|buenas|qué hubo|saludos",
    ),
    (
        "es",
        Act.WELLBEING,
        r"(?:qué|que) tal(?: est[aá]s)?|c[oó]mo (?:est[aá]s?|te va|le va|va todo)(?: (?:usted|hoy))?",
    ),
    (
        "es",
        Act.THANKS,
        r"(?:muchas |muchísimas |mil )?gracias(?: (?:a (?:ti|usted)|por todo|de antemano))*|(?:te|se) lo agradezco(?: mucho)?",
    ),
    (
        "es",
        Act.GOODBYE,
        r"adi[oó]s|hasta (?:luego|pronto|mañana|la (?:vista|próxima)|ahora)|nos vemos|chao|buenas noches|que tengas? (?:un )?buen (?:día|fin de semana)|eso es todo",
    ),
    (
        "es",
        Act.IDENTITY,
        r"qui[eé]n (?:eres|es usted)|qu[eé] eres|c[oó]mo te llamas|cu[aá]l es tu nombre|eres (?:un |una )?(?:robot|ia|humano|humana|bot|máquina|persona|chatgpt)",
    ),
    (
        "es",
        Act.ABILITIES,
        r"qu[eé] (?:puedes|sabes|puede|sabe)(?: hacer)?(?: por m[ií])?|(?:me )?(?:puedes|puede|podr[ií]as) ayudar(?:me)?|ayuda|ay[uú]dame|necesito ayuda|c[oó]mo (?:funcionas|puedes ayudarme)|en qu[eé] (?:me )?puedes ayudar(?:me)?",
    ),
    (
        "es",
        Act.ASSENT,
        r"sí|vale|de acuerdo|muy bien|bien|perfecto|genial|entendido|entiendo|claro|lo siento|perd[oó]n|disculpa|de nada|no pasa nada|exacto|estupendo",
    ),
)
"""Language, what a phrase of it does, and the phrases."""

FILLERS = (
    r"there|candor|assistant|bot|chatbot|computer|robot|teams?|all|every(?:one|body)|folks|guys|friends?|mate|buddy|bro|dude|man|pal|dear|sir|madam|ma'?am|"
    r"my|our|your|you|u|so|very|much|really|indeed|truly|again|then|now|today|tonight|please|pls|plz|well|just|oh+|ah+|um+|uh+|hm+|and|but|or|for|with|of|the|a|to|me|us|"
    r"help(?:ing)?|assistance|support|time|answers?|answering|information|info|explanation|reply|response|quick|great|everything|it|that|this|these|in advance|kindly|"
    r"as well|too|already|anyway|though|also|still|more|lots?|bunch|first|to you|from|here|world|"
    r"schon|noch|mal|denn|bitte|doch|und|auch|dir|ihnen|euch|für|die|das|den|deine?|ihre|hilfe|antwort|sehr|so|"
    r"et|à|tous|toi|vous|bien|pour|ton|votre|aide|réponse|la|le|s'il (?:te|vous) pla[iî]t|svp|monsieur|madame|"
    r"y|por|tu|su|ayuda|respuesta|favor|todos|amigo|señor|señora|muy"
)
"""Words that go with small talk and ask for nothing."""
