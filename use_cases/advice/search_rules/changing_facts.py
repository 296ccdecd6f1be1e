"""Facts that change although no word of time is said: offices, counters, records, prices, ranks.

Classes of facts by their nouns and verbs. Each is undone by one reason against it, such as a year
that is past or a verb in the past tense: `who was the mayor`, `how much did bread cost in 1990`.
"""

import re

from use_cases.advice.search_rules.rule import PLAIN, STRONG, Kind, TextRule, words_of

OFFICE = words_of("""
    ceo, cfo, coo, cto, chief executive, chief executive officer, chief financial officer,
    chief operating officer, chief technology officer, chair, chairman, chairwoman, chairperson,
    president, vice president, vice-president, president-elect, prime minister, deputy prime minister,
    premier, chancellor, governor, lieutenant governor, mayor, senator, senators, congressman,
    congresswoman, representative, speaker, secretary, secretary general, secretary of state,
    secretary of defense, secretary of defence, press secretary, home secretary, foreign secretary,
    minister, foreign minister, finance minister, attorney general, surgeon general, solicitor general,
    chief justice, king, queen, emperor, pope, prince, sultan, emir, monarch, head, head coach, coach,
    manager, captain, vice captain, quarterback, starting quarterback, goalkeeper, striker, pitcher,
    owner, owners, majority owner, leader, supreme leader, opposition leader, majority leader,
    minority leader, whip, director general, executive director, managing director, editor-in-chief,
    editor, publisher, host, hosts, presenter, anchor, judges, commissioner, ambassador, dean,
    principal, rector, provost, archbishop, bishop, patriarch, dalai lama, grand mufti, chief,
    police chief, fire chief, commander, commander-in-chief, chief of staff, joint chiefs,
    general manager, sporting director, offensive coordinator, defensive coordinator, lead singer,
    lead vocalist, drummer, guitarist, bassist, members, champion, champions, world champion,
    heavyweight champion, title holder, titleholder, record holder, holder, mvp, poet laureate,
    spokesperson, spokesman, spokeswoman, administrator, comptroller, treasurer, largest shareholder,
    biggest shareholder, shareholders, heir, heir apparent, first lady, first gentleman, dictator,
    head of state, head of government, candidate, candidates, nominee, nominees, frontrunner,
    front-runner, running mate, number one, face, spokesmodel, agent, principal dancer, conductor,
    music director, artistic director, creative director, headliner, headliners, sponsor, sponsors
""")
_KIN = words_of("""
    wife, husband, girlfriend, boyfriend, partner, spouse, fiance, fiancé, fiancee, fiancée,
    ex-wife, ex-husband, coach, manager, agent, boss, trainer, ceo, owner, teammate, teammates,
    team, club, employer, job, label, record label, successor, youngest child, children, kids, net worth, salary,
    girlfriend's name, boyfriend's name, address, phone number, ranking, rank, world ranking,
    squad number, jersey number, shirt number, market cap, market value, stock price, share price,
    approval rating, status, relationship status, contract, record, handicap, elo, rating, population,
    gdp, career, weight class, major, major sponsor, shirt sponsor, crew, lineup, line-up, roster, cast
""")
_COUNTED = words_of("""
    followers, subscribers, likes, views, streams, downloads, users, members, employees, workers,
    staff, stores, shops, locations, branches, restaurants, outlets, customers, titles, championships,
    trophies, medals, gold medals, wins, victories, losses, points, goals, assists, caps, rings, cups,
    majors, grand slams, slams, tournaments, awards, nominations, records, albums, singles, songs,
    movies, films, books, episodes, seasons, games, children, kids, grandchildren, wives, husbands,
    daughters, sons, billionaires, millionaires, satellites, patents, cases, deaths, infections,
    vaccinations, doses, refugees, immigrants, migrants, homeless, prisoners, inmates, passengers,
    residents, inhabitants, citizens, voters, students, seats, votes, delegates, matches, home runs,
    touchdowns, career touchdowns, rebounds, hits, strikeouts, wickets, centuries, runs, podiums, pole positions, poles,
    electric cars, cars, vehicles, cities, articles, languages, pages, parameters, nuclear weapons,
    nuclear warheads, warheads, nuclear reactors, aircraft carriers, troops, soldiers, companies, unicorns,
    startups, startup companies, jobs, houses, homes, apartments, dollars, pounds, tourists, visitors,
    chargers, airports, universities, hospitals, skyscrapers, speakers, native speakers, exoplanets,
    people, women, men, americans, players, astronauts, nobel laureates, judges, justices, members,
    number ones, number-one singles, number one hits, hits, bitcoins, coins, tokens, channels, podcasts,
    tweets, posts, videos, copies, units, world cups, olympic medals, olympic gold medals, world titles,
    knockouts, fights, bouts, tackles, sacks, interceptions, saves, clean sheets, red cards, countries,
    states, models, versions, chapters, volumes, characters, champions, species
""")
_DOING = words_of("""
    playing, hosting, leading, running, winning, losing, dating, seeing, performing, headlining,
    touring, working, streaming, showing, airing, trending, starring, competing, trading, selling,
    managing, coaching, captaining, living, staying, serving, training, filming, shooting, recovering,
    fighting, representing, sponsoring, starting, returning, charging, offering, replacing, joining,
    suing, investigating, being held, being played, being hosted, being built, being investigated,
    protesting, striking, happening, occurring, attending, studying, recording, writing, directing,
    producing, developing, building, planning, expecting, considering, leaving, retiring, owning,
    taking place, supporting, backing, polling, ranking, growing, increasing, decreasing, rising,
    falling, facing, wearing, driving, using, making, getting, having, coming, suffering, battling
""")
SIZE_FACT = words_of("""
    price, prices, cost, costs, exchange rate, conversion rate, interest rate, interest rates,
    mortgage rate, mortgage rates, inflation rate, inflation, unemployment rate, unemployment,
    crime rate, homicide rate, birth rate, fertility rate, literacy rate, poverty rate, tax rate,
    sales tax, vat rate, federal funds rate, growth rate, dropout rate, acceptance rate, tuition,
    stock price, share price, stock, shares, market cap, market capitalization, market capitalisation,
    market value, market share, valuation, net worth, revenue, annual revenue, profit, net income,
    salary, annual salary, average salary, minimum wage, hourly wage, median income, average income,
    median household income, gdp, gdp per capita, national debt, debt, deficit, budget, population,
    population density, number, total number, percentage, proportion, average age, median age,
    life expectancy, average life expectancy, approval rating, poll numbers, polls, odds, box office,
    gross, worldwide gross, rating, ratings, score, critics' score, audience score,
    credit rating, rent, average rent, subscription fee, monthly fee, fee, entry fee, toll, fare,
    membership fee, ticket price, ticket prices, gas prices, oil price, status, standings, schedule,
    lineup, line-up, roster, squad, starting lineup, injury report, weather, forecast, temperature in,
    temperature outside, air quality, air quality index, pollen count, traffic, water level, death toll,
    cases, case count, reward, bounty, cap space, salary cap, transfer value, elo rating,
    viewership, number of subscribers, number of followers, number of users, number of employees,
    policy rate, base rate, repo rate, cash rate, lending rate, deposit rate, savings rate, divorce rate,
    vaccination rate, vacancy rate, occupancy rate, turnout,
    level of, concentration of carbon dioxide, maximum amount, minimum amount, limit, contribution limit,
    allowance, deductible, minimum age, maximum fine, closing price, closing value, drinking age, smoking age, speed limit, retirement age,
    age of consent, legal drinking age, corporate tax rate, top speed, capacity
""")
_PARTICIPLE = words_of("""
    been, won, made, had, done, gone, become, come, held, hit, run, sold, said, spent, given, taken,
    written, sung, led, lost, beaten, broken, seen, shown, flown, grown, built, bought, brought,
    caught, fought, found, gotten, put, left, met, paid, read, set, shot, sent, slept, spoken, stood,
    told, thrown, worn, begun, drawn, driven, fallen, kept, known, risen, sat, sunk, swum, stolen,
    chosen, forgotten, gained, died, hosted, quit, shut, cut, split, spread, burst, cost, hurt, upset, struck
""")
_NOT_PERFECT = words_of(
    "united, armed, aged, animated, limited, hundred, detailed, colored, red, need, speed, bed, seed, shaped, sized, related, limited, named, called, legged, sided, used, naked, sacred, wicked, breed, feed"
)
_SUPERLATIVE = words_of("""
    biggest, largest, smallest, tallest, highest, lowest, longest, shortest, oldest, youngest, richest,
    wealthiest, poorest, fastest, quickest, slowest, strongest, heaviest, hottest, coldest, warmest,
    deepest, busiest, priciest, cheapest, greatest, hardest, deadliest, costliest, safest, happiest,
    smartest, brightest, densest, widest, closest, loudest, best, worst, top, leading, winningest,
    healthiest, cleanest, dirtiest, greenest, rarest, thinnest, lightest, farthest, furthest, fewest,
    second most, second-most, most, least, newest, earliest, finest, steepest, sunniest, rainiest,
    dominant, number one, no 1, no. 1, #1, all-time, record-breaking
""")


def _plain(name: str, pattern: str, reason: str, weight: int = PLAIN) -> TextRule:
    return TextRule(name, Kind.FRESH, weight, re.compile(pattern), reason)


_IS = r"(?: is|'s| are|'re)"
CHANGING_FACTS = (
    _plain(
        "office",
        rf"\b(?:who{_IS}|what{_IS} the names? of|name|which \w+{_IS}|^(?:is|are) [^?]{{2,40}}) "
        rf"(?:the |an? |\S+'s? )?(?:(?!in |from |by |at |with )[\w.'&-]+ ){{0,4}}?(?P<word>{OFFICE})(?= (?:of|for|at|in|on|behind)\b(?! (?:the )?(?:gods|hearts|spades|jungle|beasts))|\?|$|,)"
        rf"|\bwho(?: currently)? (?P<does>leads|runs|owns|heads|coaches|manages|hosts|chairs|captains|governs|rules"
        rf"|sponsors|represents|controls|plays for|presents|anchors|holds)\b|\bis (?P<charge>in charge of|at the helm of)\b",
        "An office passes from one person to the next.",
    ),
    _plain(
        "tie between people or firms",
        r"\b(?P<word>(?:is|are)(?: \S+){0,6}? (?:dating|engaged|married(?: to)?|divorced|single|pregnant|seeing)"
        r"|who's (?:dating|married to|engaged to)|parent company|owned by"
        r"|(?<!sport )(?<!instrument )(?<!position )(?<!role )(?<!character )(?<!part )(?:does|do) (?!an?\b|the word)(?:\S+ ){1,6}?(?:play|work|coach|drive|race|ride|compete|own|run|lead|chair|manage|host|represent|currently|do for a living)\b(?= for| at| in| under|\?|$|,)"
        r"|where (?:does|do) (?!an? |the |most )(?:\S+ ){1,4}(?:live|reside|work|train|go to school)"
        r"|(?:does|do) (?!an? )(?:\S+ ){1,5}?have (?:any |an? )?(?:children|kids|wife|husband|girlfriend|boyfriend|partner))\b",
        "Who belongs to whom may change.",
    ),
    _plain(
        "someone's",
        rf"\b(?:who|what|which|how|where)(?: \w+)?(?:{_IS})? .{{0,60}}?\w(?:'s|s') (?:[\w-]+ ){{0,2}}?(?P<word>{_KIN})\b",
        "What someone has now may change.",
    ),
    _plain(
        "perfect tense",
        rf"(?:\b(?P<word>has|(?<!to )(?<!do )(?<!does )(?<!did )(?<!you )have)\b|(?<=\bwho)'s)"
        rf"(?! to\b| an? \w+ed\b)(?: (?!(?:who|which|that|where|whose|when|while|by|as|and)\b)[\w.'&\"…/-]+){{0,10}}?"
        rf" (?!been (?:called|nicknamed|named|known|described)\b)(?P<done>{_PARTICIPLE}|(?!{_NOT_PERFECT}\b)[a-z-]{{3,}}ed)\b",
        "A count or state up to now grows with time.",
    ),
    _plain(
        "how long, how many so far",
        r"\b(?P<word>how (?:long|often|many times|many years|many days|many consecutive) (?:has|have|'s))\b",
        "A span up to now grows with time.",
    ),
    _plain(
        "count of what comes and goes",
        rf"\bhow (?:many|much) (?!.*\b(?:books|rings|players|chapters|volumes|characters|states|games|points|pages|songs|seats|runs) (?:are|is) (?:there )?(?:in|on|per) )(?:[\w.'&-]+ ){{0,5}}?(?P<word>{_COUNTED})\b(?: [\w.'&,-]+){{0,5}}? "
        rf"(?:do|does|are|is|have|has|speak|live|own|use|work|follow|subscribe|suffer|attend)\b"
        rf"|\bhow many [\w '-]{{2,40}} (?:are|exist)\b[\w ,'-]{{0,60}}\b(?P<whole>worldwide|globally|in the world|on earth)\b",
        "There are more or fewer of them every year.",
    ),
    _plain(
        "amount",
        rf"\b(?:what{_IS}|what're|how{_IS}|how (?:high|low|big|large|much){_IS}|tell me|show|give me|check|compare) .{{0,60}}?\b(?P<word>{SIZE_FACT})\b"
        rf"|\bhow (?P<high>popular|expensive|populous|wealthy|rich|valuable) (?:is|are)\b"
        rf"|\bhow much (?:is|are|does|do) (?!(?:an? )?(?:\d|dozen|half|one |two ))(?:.{{1,60}} )?(?P<paid>worth|cost|costs|make|earn|pay|charge|going for|weigh in at)\b"
        rf"|\bhow much can (?:i|you|we|one) (?P<may>contribute|earn|claim|deduct|withdraw|bring|take|save|receive|get)\b"
        rf"|\bhow much (?:is|are) (?!\d|an? (?:dozen|cup|pound|gallon|kilo|mile))(?P<each>(?:an?|the|one) )?\w"
        rf"|\b(?P<quote>stock price|share price|exchange rate|market cap|net worth|box office|trading at|gas prices?|mortgage rates?|weather(?! phenomen| pattern| map| balloon| system)|forecast)\b",
        "Prices, sizes and rates move.",
    ),
    _plain(
        "record or superlative",
        rf"(?<!at the )(?<!at )(?<!on )\b(?!(?:best[ -](?:known|described|friend|way|man)|leading (?:role|lady|man|actor|to)|top hat))(?P<word>{_SUPERLATIVE}(?!-(?:ferment|down|secret|heavy|left|right|hand|notch|up|level))(?: [\w-]+)?)\b(?! of (?:these|the following|his life)|ly\b)",
        "A record may be beaten, a superlative overtaken.",
    ),
    _plain(
        "holder of a record",
        r"\b(?P<word>holds?(?: [\w'-]+){0,5} (?:records?|title|position)|world record|all-time|record for|record holder|on record|record (?:attendance|high|low|transfer|fee|number|score|temperature|time for)"
        r"|(?:has|have|with) the (?:most|highest|lowest|fewest|best|worst|longest|largest|greatest|biggest|fastest)|of all[ -]time)\b",
        "A record may be beaten.",
    ),
    _plain(
        "rank",
        r"(?<!symphony )(?<!concerto )(?<!sonata )\b(?P<word>ranks|ranked|rankings?|number[ -](?:one|two|three|1|2|3)|no\. ?\d+|#\d+|top[ -](?:\d+|ranked|seeded|rated|paid|earning|selling|five|ten|three|scorer)"
        r"|(?:first|second|third|last) place|first in line|standings|leaderboard|charts?|tops the|favou?rites? to|bookmakers?|betting odds)\b",
        "Ranks change.",
    ),
    _plain(
        "status",
        r"\b(?:is|are|isn't|aren't) (?:[\w.'&-]+ ){0,7}?(?P<word>alive|dead(?! sea)|deceased|injured|retired|available|banned|suspended|open|closed"
        r"|down|out|sick|ill|hurt|in (?:jail|prison|office|charge|hospital|space|power|theaters|theatres|cinemas|stock|production|business)"
        r"|on (?:trial|strike|tour|sale|parole|the market|injured reserve)|running for|eligible|legal|illegal|married|healthy|active|free agent"
        r"|safe to (?:visit|travel)|a member of|sold out|bankrupt|for sale|under contract|ready|questionable|doubtful|starting|playing|cancelled|canceled|renewed|confirmed|streaming|missing|at war)\b(?! of speech)"
        r"|\bwhere can (?:i|you|we|one) (?P<get>watch|buy|stream|get|find|see|play|read|download)\b",
        "A status may change from day to day.",
    ),
    _plain(
        "under way",
        rf"\b(?:(?:who|what|which|where|when|how)(?: [\w'-]+){{0,6}}?|^)(?: ?is|'s| ?are)(?: [\w.'&-]+){{0,6}}? (?P<word>{_DOING})\b",
        "The words ask for something under way.",
    ),
    _plain(
        "date of something to come",
        r"\b(?P<word>(?:when|what (?:day|date|time|month)|which (?:day|month)|where)(?: is| are|'s)) (?!an? )(?!.*\b(?:located|buried|found|born|from|situated|celebrated|observed)\b)"
        r"(?:(?:the )?(?:[\w'.-]+ ){0,6}(?:bowl|series|open|masters|marathon|grand prix|fair|primary|primaries|vote|referendum|fight|playoffs|final|finals|election|elections|game|match|race|derby|festival|conference|deadline|ceremony|awards|draft|trial|hearing|launch|release date|premiere"
        r"|eclipse|moon|meteor shower|solstice|equinox|easter|passover|ramadan|thanksgiving|diwali|hanukkah|eid|new year|birthday|holiday|sale|tournament|olympics|championship|championships|cup|season|episode|flight|concert|tour|summit|debate|inauguration|coronation|wedding))\b",
        "The date is that of the next one.",
    ),
    _plain(
        "count of all there are",
        r"\bhow many (?P<word>[\w.'-]+(?: [\w.'-]+){0,4}) are there(?: now)?\s*\??$",
        "A list that grows has another length every year.",
        weight=2,
    ),
    _plain(
        "winner without a year",
        r"^(?:and )?(?:who|which \w+|what team) (?P<word>won) the (?!.*\b(?:first|inaugural|\d+\S*)\b)(?:[\w.'-]+ ){0,4}"
        r"(?:cup|bowl|series|league|championships?|tournament|open|masters|finals?|elections?|title|playoffs?|game|match|derby|grand prix"
        r"|marathon|lottery|debate|primary|primaries|award|trophy|vote|referendum|fight)\s*\??$"
        r"|^did (?:the )?[\w.' -]{2,30} (?P<lost>win|lose)(?: (?:the|their) (?:game|match|election|title|vote))?\s*\??$",
        "Without a year, the last one is meant.",
        weight=STRONG,
    ),
    _plain(
        "comparison of what moves",
        r"\b(?P<word>(?:has|have|with|is|are|who|which|gets|earns?|makes?)(?: [\w'-]+){0,8}? (?:more|fewer|less|higher|larger|bigger|greater|better)"
        r" (?:[\w-]+ ){0,3}?(?:expensive|valuable|popular|populous|followers|subscribers|wins|titles|goals|points|medals|money|people|users|employees|population|awards|trophies|revenue|gdp|views|streams|crime|rating|ratings|stores|expensive|rings|championships|albums|children|slams)"
        r"|(?:more|less) (?:expensive|valuable|popular|populous) (?:than|now))\b",
        "Which is ahead may change.",
    ),
    _plain(
        "version",
        r"\b(?:what|which)(?: \w+)?(?: is| are|'s)?(?: [\w.-]+){0,5} (?P<word>version|release|update|generation|model|firmware|edition)s?(?: number)?(?: of| does| do| is|\?|$)",
        "New versions come out.",
        weight=2,
    ),
    _plain(
        "advice for now",
        r"\b(?P<word>should i (?:start|sit|bench|drop|trade|pick up|buy|sell|watch|visit|get|upgrade|invest)|start or sit|who (?:do|should) i (?:start|sit|drop|captain|bench)"
        r"|worth (?:buying|watching|visiting|seeing)|what channel|on (?:tv|television)|is it (?:safe|worth|too late|a good time)|how (?:is|are) .{1,40} doing|(?:is|are) .{1,40} (?:above|below|trading|up|down) \S+)\b",
        "What is wise depends on how things stand.",
    ),
)
"""Each asks for a fact that changes without saying so."""
