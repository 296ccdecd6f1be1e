"""What speaks against a search: the dated past, facts that last, tasks that need no facts.

The weight of a reason is what it takes away from the strongest reason for freshness.
"""

import re

from use_cases.advice.search_rules.rule import PLAIN, STRONG, Kind, TextRule, words_of

_SIZE = words_of("""
    biggest, largest, smallest, tallest, highest, longest, shortest, oldest, fastest, slowest,
    strongest, heaviest, hottest, coldest, deepest, brightest, densest, lightest, hardest, closest,
    nearest, farthest, furthest, widest, loudest, softest, rarest, lowest, driest, wettest, saltiest,
    most abundant, most common, most massive, most poisonous, most venomous, most reactive, most distant,
    most electronegative, least dense, most dense, most intelligent, largest known, oldest known, smallest known
""")
_NATURE = words_of("""
    planet, dwarf planet, planets, mountain, mountains, mountain range, peak, summit, river, rivers,
    ocean, oceans, sea, lake, desert, island, peninsula, continent, continents, country, nation,
    state, canadian province, province, animal, animals, land animal, mammal, bird, fish, insect, reptile, snake,
    spider, whale, shark, cat, feline, bear, primate, ape, monkey, dinosaur, species, bone, bones, organ, muscle,
    gland, joint, artery, vein, nerve, cell, blood type, tooth, element, elements, metal, gas, mineral,
    substance, material, liquid, rock, gemstone, star, galaxy, moon, moons, constellation, comet,
    asteroid, waterfall, volcano, canyon, trench, cave, reef, rainforest, forest, tree, plant, flower,
    fruit, seed, number, prime, prime number, integer, digit, word, letter, vowel, organelle, molecule,
    atom, particle, force, point, place, layer, part, side, angle, ocean trench, strait, bay, gulf,
    wavelength, color, colour, string, note, chess piece, piece, bird egg, egg, rodent, amphibian, lizard,
    crustacean, mollusc, arthropod, bat, seal, dog breed, breed, horse breed, crystal, isotope, noble gas, period, era,
    empire, war, battle, pharaoh, card, hand, rank, note, voice, suit, unit, coastline, shoreline,
    border, time zones, islands, lakes, moons, teeth, letters, islands, organs
""")
_KIND = words_of("""
    planet, mammal, animal, bird, fish, insect, reptile, snake, metal, gas, element, mineral, letter,
    vowel, organ, bone, muscle, tree, plant, flower, fruit, ocean, sea, river, lake, mountain, star,
    moon, constellation, substance, particle, dinosaur, continent, shape, colour, color, tooth, cell
""")
_STATIC = words_of("""
    capital, capital city, currency, official language, national anthem, national animal, national flower,
    chemical symbol, chemical formula, atomic number, atomic mass, atomic weight, boiling point,
    melting point, freezing point, speed of light, speed of sound, square root, cube root, derivative,
    integral, formula, plural, singular, opposite, synonym, antonym, etymology, origin, meaning,
    definition, founder, founders, co-founder, inventor, discoverer, author, composer, painter, creator,
    creators, screenwriter, director, main character, protagonist, antagonist, narrator, setting, plot,
    first name, last name, middle name, maiden name, real name, birth name, full name, nickname, birthplace, date of birth,
    birthday, hometown, alma mater, mother tongue, motto, flag, colors, colours, diameter, radius, circumference, mass, density,
    surface area, half-life, wavelength, distance between, distance from, area of, height of, length of, depth of,
    powerhouse, function of, purpose of, cause of, scientific name, latin name, zodiac sign, time zone,
    country code, area code, roman numeral, value of pi
""")
_MATHS = words_of("""
    square root, cube root, divided by, multiplied by, times, plus, minus, derivative, integral,
    factorial, percent of, sum of, product of, quotient, hypotenuse, logarithm, modulo, remainder,
    prime factors, greatest common divisor, least common multiple, convert, simplify, solve for
""")
_POETRY = words_of("""
    poem, haiku, limerick, sonnet, story, short story, tale, bedtime story, lyrics, rap, song, joke,
    joke about, riddle, slogan, tagline, tongue twister, fairy tale, screenplay, monologue, dialogue,
    toast, pun, acrostic, rhyme, novel, love letter, birthday card, metaphor, plot twist, backstory
""")


def _against(kind: Kind, name: str, weight: int, pattern: str, reason: str) -> TextRule:
    return TextRule(name, kind, weight, re.compile(pattern), reason)


LASTING_FACTS = (
    _against(
        Kind.DATED,
        "dated past",
        PLAIN,
        r"\b(?P<word>(?:1[0-9]|[2-9])\d0s|'?\d0s|(?:\d{1,2}(?:st|nd|rd|th)|nineteenth|eighteenth|seventeenth|sixteenth|twentieth)[ -]century"
        r"|\d+ ?(?:bc|bce|ad|ce)|world war|civil war|cold war|middle ages|antiquity|stone age|bronze age|iron age"
        r"|ancient|medieval|renaissance|victorian|prehistoric|roman empire|ottoman empire|soviet union|ww[12i]+)\b"
        r"(?<!21st century)(?<!21st-century)",
        "The words name a time long past.",
    ),
    _against(
        Kind.DATED,
        "numbered edition",
        2,
        r"\b(?P<word>(?:season|series|part|chapter|volume|episode|book|act|scene|phase) (?:\d{1,3}\b|one|two|three|four|five|six|[ivx]+\b)"
        r"|(?:first|second|third|fourth|fifth|sixth) (?:season|series|episode|installment|instalment|volume|chapter|book)"
        r"|\d{1,3}(?:st|nd|rd|th) (?!birthday|place|most|largest|biggest|highest|richest|century|time|anniversary|ranked|best|overall)\w)",
        "A numbered edition is a finished thing.",
    ),
    _against(
        Kind.PAST,
        "first of its kind",
        PLAIN,
        r"\b(?P<word>first|original|originally|earliest|debut|very first|inaugural|initially|pioneer(?:ed)?)\b"
        r"(?! (?:lady|in line|in the|place|half|quarter|round|week|gentleman|minister|time home|responders?|aid|game of|match of|day of))",
        "Who or what was first stays first.",
    ),
    _against(
        Kind.LASTING,
        "nature or history",
        PLAIN,
        rf"\b(?P<word>{_SIZE}(?: [\w'-]+){{0,2}}? {_NATURE})\b(?! (?:by (?:population|gdp)|park|plan|prices?|stations?|company|producer|shop|team|club|that has))"
        rf"|\b(?:which|what) (?:[\w-]+ )?(?P<kind>{_KIND}) (?:has|have|is|are) (?:the )?(?:most|fewest|least|\w{{2,}}est)\b"
        r"|\b(?P<area>(?:largest|smallest|biggest) (?:[\w-]+ ){0,2}?(?:by|in) (?:land |surface |total )?(?:area|size))\b"
        r"|\b(?P<near>(?:closest|nearest) to (?:the|earth)|highest possible|possible (?:in|with|to))\b|(?P<possible>\w+est \w+ possible)\b"
        r"|\b(?P<founded>oldest (?:[\w-]+ )?(?:university|church|building|temple|book|language|city|religion|company|restaurant|pyramid|bridge|library|museum|bank|newspaper|hotel|school|college|park|brewery|republic|democracy|civilization|civilisation|continuously \w+ \w+))\b"
        r"|\b(?P<opinion>most (?:famous|widely|important|notable|influential|often|likely|accurate|closely))\b"
        rf"|\bhow (?:old|far|big|tall|high|long|deep|hot|fast|heavy|large) (?:is|are) (?:the )?(?P<thing>{_NATURE}|sun|earth|universe|solar system)\b",
        "Nature and history change too slowly for news.",
    ),
    _against(
        Kind.LASTING,
        "fixed fact",
        PLAIN,
        rf"\b(?:what|who|which|where)(?: is| are|'s)(?: \S+)? (?:the |a |an |\S+'s )?(?:[\w-]+ ){{0,2}}?(?P<word>{_STATIC})\b"
        r"|\bhow many (?:[\w'-]+ ){0,3}?(?P<parts>sides|legs|bones|chromosomes|teeth|wings|eyes|hearts|planets|continents|oceans|letters|vowels|strings|keys|holes"
        r"|faces|edges|vertices|degrees|inches|feet|ounces|grams|milliliters|seconds|minutes|hours|days|weeks|months|protons|electrons|neutrons"
        r"|elements|muscles|ribs|stomachs|atoms|bits|bytes|players are on|cards|squares|colors|colours|stripes|syllables|moons|amendments|commandments|chambers|senses|sins|wonders|gospels|apostles|musketeers|dwarfs|dwarves|samurai|signs|pieces|notes|blood types|tropics|hemispheres|time zones|platonic solids|stages|layers|lobes|sonnets|symphonies|acts|verses|stanzas|lines|fingers|toes|lungs|kidneys|horns|provinces|primes|gods|muses|stomachs|stars and stripes) (?:are|is|do|does|in|can)\b"
        r"|\bhow (?P<build>tall|far|deep|wide|heavy) (?:is|are)\b(?! (?:the )?(?:[\w'-]+ )?(?:\w{3,}est|most)\b)",
        "The fact is fixed.",
    ),
    _against(
        Kind.LASTING,
        "definition or explanation",
        PLAIN,
        r"(?P<word>^(?:please )?(?:define|explain|describe what)\b|\bwhat (?:does|do) .{1,60}\b(?:mean|stand for)\b|\bthe (?:meaning|definition) of\b"
        r"|\bwhat(?: is|'s) (?:an? )(?!good|fair|safe|reasonable|better)[\w' -]{2,40}\??$|\bthe difference between\b|^what (?:is|are) (?:an? )?(?!.*(?:prices|rates|odds|standings|scores)\b)[\w-]+(?: [\w-]+)?\s*\??$|^how (?:do|does|can|to|would)\b(?! (?:the )?(?:current|latest))"
        r"|^why (?:is|are|do|does|did|was|were|can|can't|don't)\b|\bwhat (?:causes|happens (?:if|when))\b|\bhow (?:is|are) .{1,40} (?:made|calculated|formed|defined|measured|pronounced|spelled|cooked)\b)",
        "A definition or an explanation does not go stale.",
    ),
    _against(
        Kind.LASTING,
        "arithmetic",
        STRONG,
        rf"(?P<word>\d ?[+*×÷^%] ?\d|\d [-x/] \d|(?:what is|what's|calculate|compute) \(?\d[\d.]*[-/]\d|\b{_MATHS} (?:of )?\(?-?\d|\d\s+{_MATHS}\b|\b(?:convert .{{0,40}}|how many [\w-]+(?: [\w-]+)? (?:are (?:there )?|is |make up |go )?)\b(?:to|in|into|per) "
        r"(?:an? |one )?(?:celsius|fahrenheit|kelvin|meters?|metres?|kilometers?|kilometres?|miles?|feet|foot|yards?|inch(?:es)?|grams?|kilograms?|kilos?"
        r"|pounds?|ounces?|liters?|litres?|gallons?|cups?|hours?|minutes?|days?|weeks?|dozen|kilobytes?|megabytes?|gigabytes?)\b)",
        "It can be computed.",
    ),
    _against(
        Kind.LASTING,
        "rules of a game",
        PLAIN,
        r"\b(?P<word>the (?:offside|castling|icing|infield fly|en passant|scoring) rule|rules? (?:of|for|in) (?:chess|a game|the game|poker|football|soccer|baseball|cricket|tennis|golf|rugby|basketball|hockey|go|bridge)"
        r"|how many (?:points is|points for|players (?:are )?(?:on|in|per)|innings|holes|periods|quarters|sets|rounds are) )",
        "The rules of a game are settled.",
    ),
    _against(
        Kind.LASTING,
        "a kind, not one of it",
        PLAIN,
        r"\b(?P<word>(?:how many|number of) [\w' -]{2,50}?\b(?:in|on|of|per|from|for|does|do|is|are|make|makes) (?:an? (?!(?:single )?(?:day|week|month|year|season|game|minute|share)\b)|each (?:side|team|player)\b|every ?)[\w-]*"
        r"|(?:top|bottom|highest|lowest|largest|smallest|biggest|longest|shortest) [\w-]+ (?:of|in|on) an? \w+"
        r"|(?:of|does|do|to|in) an? (?:company|country|republic|state|team|bank|ship|word|sentence|person|monarchy|democracy|government|university|business|church|orchestra|band|film|movie|newspaper|corporation|parliament)\b)",
        "The words speak of a kind of thing, not of one of it.",
    ),
    _against(
        Kind.LASTING,
        "geography",
        PLAIN,
        r"\b(?P<word>(?:countries|states|nations|provinces|cities|counties) (?:that )?(?:directly )?(?:share a |does .{1,30} )?border(?:s|ing)?|flows? (?:through|into|from|across)|pass(?:es)? through|runs? through|empt(?:y|ies) into"
        r"|(?:does|do) the .{1,40} (?:cross|pass|flow|run|separate|connect|empty|stretch)\b|lies (?:on|in|between|off)|separates|surrounds?|landlocked|(?:on|straddles|crosses) the equator|make up (?:the|great))\b",
        "The map hardly changes.",
    ),
    _against(
        Kind.LASTING,
        "in a story",
        PLAIN,
        r"(?P<word>\b(?:in|of|from) (?:the |this |a )?(?:[\w'-]+ ){0,3}?(?:novel|book|film|movie|sitcom|cartoon|fairy tale|poem|story|stories|myth|legend|mythology|bible|nursery rhyme|fable|opera|musical|comics?|scripture|folklore|trilogy|saga)\b(?! (?:industry|history|market|charts?|series ever|awards?|festival|sales|ever|list|adaptation coming))"
        r"|\bin (?:the|his|her) play\b|\bin \"…\"|\b(?:fictional|mythical|mythological|legendary) \w+|\baccording to (?:legend|myth|tradition|the (?:bible|myth|legend|story|book))|\b(?:gods?|goddess) of\b|\bnursery rhyme)",
        "What happens in a story does not change.",
    ),
    _against(
        Kind.LASTING,
        "the longest of finished works",
        PLAIN,
        r"\b(?:which|what)(?: [\w'-]+){0,4} (?P<word>(?:play|book|gospel|novel|symphony|sonnet|psalm|opera|poem|verse|chapter|tragedy|comedy|gospels|plays|novels|books|symphonies)\b(?: [\w'-]+){0,4}?,? (?:which )?is (?:the )?(?:longest|shortest|oldest|earliest))"
        r"|\b(?P<longest>(?:longest|shortest|earliest) (?:[\w'-]+ ){0,2}?(?:play|gospel|symphony|sonnet|psalm|opera|poem|verse|chapter|tragedy|comedy|book))\b"
        r"|\bof the (?:two|three|four|five|six|seven|eight|nine|ten|twelve) (?P<works>gospels|plays|novels|books|symphonies|psalms|tragedies|comedies|operas|evangelists|apostles|brothers|sisters)",
        "Works that are finished keep their length.",
    ),
    _against(
        Kind.LASTING,
        "beginning of what goes on",
        PLAIN,
        r"\b(?P<word>since (?:what|which) (?:year|date|century|decade)|since when|has (?:[\w'-]+ ){1,4}always been)\b",
        "Whatever goes on, its beginning stays.",
    ),
    _against(
        Kind.LASTING,
        "last work of its maker",
        2,
        r"\b(?P<word>(?:was|were|did|made|wrote|directed|recorded|released|composed|painted) (?:[\w.'&\"…-]+ ){0,8}?(?:last|previous) (?:[\w'-]+ ){0,2}?(?:film|movie|album|song|single|novel|book|play|symphony|painting|opera|poem|work|works|voyage|expedition|mission))\b(?! (?:festival|awards?|prize|contest|chart|week))",
        "The words ask, in the past tense, for the last work of someone.",
    ),
    _against(
        Kind.TASK,
        "creative task",
        STRONG + 1,
        rf"^(?:please |can you |could you |would you )?(?:write|compose|create|make up|invent|draft|tell|give|generate|sing|make|imagine|help me write)\b[^?.]{{0,30}}?\b(?P<word>{_POETRY})\b",
        "Invention needs no facts.",
    ),
    _against(
        Kind.TASK,
        "work on a given text",
        STRONG + 1,
        r"(?P<word>\b(?!(?<=\b(?:in|on|of) )the (?:list|table)\b)(?:the|this|that|my|your) (?:text|passage|paragraph|sentence|essay|email|e-mail|letter|code|snippet|excerpt|quote|draft|list|table|answer|reply|response|message|poem|summary)"
        r"(?: (?:above|below|here|again))?(?=\s*[:.?!]?$| (?:above|below|i (?:sent|gave|pasted|wrote)|you (?:gave|wrote|sent)|to|into|in|and|again|as|shorter|more|so)\b|:)"
        r"|^(?:please |can you |could you )?(?:translate|rephrase|paraphrase|proofread|rewrite|shorten|reword|correct the (?:grammar|spelling))\b"
        r"|\b(?:what|as) (?:did )?(?:you|i) (?:just )?(?:said|say|wrote|mean|mentioned)\b|\bthe (?:text|passage|conversation|document|paragraph) (?:above|below)\b"
        r"|^(?:summari[sz]e|translate|explain) (?:this|that|it|the above|the following)\b(?! (?:week|month|year|season|morning)))",
        "The text it is about is given.",
    ),
)
"""Each takes its weight away from what speaks for freshness."""
