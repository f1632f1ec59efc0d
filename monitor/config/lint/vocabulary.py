"""Border: the words that lints know: common ones, ambiguous names, nouns with a plural, stems that mislead.

Curated by hand for news between the UK and China. A word that is missing costs a warning; one too many costs
trust: so each list holds what is nearly always right.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COMMON = _words("""
    a about after again against all almost also although always am among an and another any are around as at
    away back be because been before being between both but by can could did do does down during each end even
    every few first for from further get go got had has have he her here him his how however if in into is it
    its just last later least less let like made make many may me might more most much must my near never new
    next no none not nothing now of off often old on once one only open or other our out over own part per
    rather said same say says see set she should since so some still such take than that the their them then
    there these they this those three through time to today together too top toward two under until up upon
    us use used very via want was we week well went were what when where which while who whose why will with
    within without would year years yes yesterday yet you your
    big small high low good bad great long short full real major main key latest early late strong
    business companies company country countries data day days deal deals firm firms government governments
    group groups home house idea issue issues job jobs leader leaders life line man market members men
    minister ministers money month months nation nations news number office official officials party people
    person place plan plans point policy power president press price prices problem problems public question
    report reports side state states story system talk talks thing things view way woman women word work
    workers working world
""")
"""Words, as small letters, that stand in nearly every item or say nothing of its subject."""

ABBREVIATIONS = _words("us it who")
"""Those of them that may be meant for an abbreviation: write it in capitals."""

COMMON_IN_TOPICS = _words("""
    language economy economic global international national foreign local political politics agreement
    uk britain british england london china chinese beijing us usa america american russia europe european
    west western
""") | {"foreign office", "prime minister", "united kingdom", "united states", "hong kong government"}
"""What does not tell one topic from another: the sides themselves, and words of all of politics."""

AMBIGUOUS = _words("""
    Bath Battle Brown Chan Chang Chen Cooper Deal Hunt Jones Lee Li Liu Ma Major March Mark May Reading Rugby
    Sandwich Smith Street Sun Wang Ware Wells Will Wong Wood Wu Yang Young Zhang Zhao
""")
"""Names of one side, as one word, that are also words, months, or the names of very many others."""

SHORT_WORDS = _words("""
    act aid air ale app apt arm art axe ban bat bay bee bet bid bin bow bra bug bus cab cap car cat cay
    cod cop cow cry cub cue cup dam dip dog dot dry dub dye ear ebb eel egg elk emu era eve eye fab fad
    fan fat fee fin fir flu fly fog fox fun fur gap gas gem gig gin god gum gun gut gym ham hat hay hen
    hip hub hue ice ink inn ivy jab jam jar jaw jet jug key kid kit lab law leg lid lip log map mob mud
    nap nil nut oak oar oil ore owl pad pan paw pay pen pet pie pig pin pit pod pop pot pub pup rat ray
    red rib rim rod row rug rum rye sap sea sin six ski sky spa spy sum sun tab tag tap tax tea ten tie
    tin tip ton toy tub tug two urn van vat vet via war wax web wig wit won yak yam yen zoo
""")
"""Words of three letters that are no abbreviation in small letters."""

HARMLESS_EXCLUDES = _words("""
    astrology backpacking bingo crossword crosswords horoscope horoscopes lottery obituaries obituary
    paperback quiz recipe recipes sudoku travelogue wordle
""")
"""Words that may put an item out by themselves."""

NOUNS = _words("""
    academic academy acquisition activist agency agent airline airport algorithm alliance ally ambassador
    amendment antibiotic app arrest artefact artist artwork athlete attack audit author authority backdoor
    ballot ban bank banker barrister battery boat bomb bond border botnet bounty boycott brand breach
    bridge broadcaster building bus buyout cable camera campaign campaigner campus captain car carmaker
    carrier cell centre channel charger chatbot chip chipmaker city clash clinic club coalition college
    colony committee company complaint concert conflict consul consulate container contract convoy
    corridor council councillor counterpart court creditor criminal crisis crossing cyberattack dataset
    deal debate delegation department deportation destroyer detainee device dialogue dinghy diplomat
    director dissident doctor document dollar donor drone editor election embargo embassy embryo emission
    employee engine engineer envoy executive exercise exhibition exile expert export exporter factory farm
    farmer ferry festival fighter film fleet flight footballer forum founder freeport frigate fugitive
    fund gadget gallery gang garment gigafactory graduate grant guideline hack hacker handler harbour
    helicopter hospital hostage hotel hub immigrant import importer infection informant initiative inquiry
    inspection institute insurer inverter investigation investigator investor jet journalist judge
    laboratory lawmaker lawsuit lawyer leak lecturer levy library licence loan lobbyist lorry magazine
    magnet maker manufacturer meeting merger migrant mill mineral minister ministry missile mission module
    museum negotiation negotiator network newspaper nurse officer orchestra pact painting panda panel
    parcel park parliament partner partnership passport patent patient patrol payment pension permit
    petition phone pilot pipeline plane plant platform pledge politician port prisoner product professor
    programme project prosecutor protest protester province pupil quota raid railway rally reactor refugee
    regime region regulator relationship reporter researcher restaurant restriction retailer rival road
    robot rocket router ruling salary sample sanction satellite scandal scanner scheme scholar scholarship
    school scientist sector seizure semiconductor sensor shareholder ship shipment shop site smartphone
    smuggler spokesman spokesperson spy stadium startup statement steelmaker strategy student submarine
    subsidiary subsidy summit supermarket supplier survey tanker target tariff tax taxi teacher team
    telescope tender territory terrorist test theatre threat tourist tower town trafficker train
    transaction transplant traveller treaty trial tribunal trip truck tunnel turbine tycoon union
    university vaccine vehicle vendor verdict vessel veteran village violation virus visa visit visitor
    volunteer voter voucher wafer warehouse warning warrant warship watchdog weapon website witness worker
    workshop writer zone zoo
""")
"""Nouns of the field, as small letters in the singular, of which the plural is meant too."""

OFFICES = _words("""
    agency ambassador audit authority committee council court department embassy minister ministry parliament
    regulator union watchdog
""")
"""Nouns of which a side has one: as terms of a side they are names."""

FIXED = frozenset(
    {
        *("blue chip", "china audit", "city minister", "city regulator", "city watchdog"),
        *("graduate route", "mega embassy", "new embassy", "new london embassy"),
        *("security minister", "shadow fleet", "special relationship", "super embassy"),
    }
)
"""Phrases of which the news knows one only."""

IRREGULAR = {
    "crisis": "crises",
    "spokesman": "spokesmen",
    "spokesperson": "spokespeople",
}

# stem: other words that it takes | what to write instead
_MISLEADING = """
    accord: according | accord, accords
    app: apple, apply, appeal, approve | app, apps
    arm: army, Armenia | arms, armed
    arms: Armstrong | arms
    art: article, artificial | art, arts, artist*, artwork*
    author: authority, authorise | author, authors
    ban: bank, band, banner | ban, bans, banned, banning
    bar: bargain, Barclays | bar, bars
    bill: billion, Billboard | bill, bills
    bloc: block, blockade | bloc, blocs
    bond: Bondi, bondage | bond, bonds
    bot: both, bottle, bottom | bot, bots
    brit: Brittany, Britney, brittle | Brits, Briton*, British
    bus: business, busy | bus, buses
    camp: campaign, Campbell, campus | camp, camps
    car: care, carbon, Carney | car, cars, carmaker*
    cell: cello, cellar | cell, cells
    chin: chin, chinook | China, Chinese
    christ: Christie's, Christmas, Christopher | Christian*, Christianity
    church: Churchill | church, churches
    coal: coalition | coal, coal-fired
    com: company, common | a longer stem
    commit: committee | commits, committed, commitment*
    commun: community, communication | communist*, communism
    compan: companion | company, companies
    con: contact, contract | a longer stem
    conserv: Conservative, conservation | Conservative*, or conservation*
    consul: consult, consultant, consultation | consul, consuls, consulate*
    contain: container | contain, contains, containment
    cop: copper, copy, cope | cop, cops
    corp: corpse, corporal | corporation*, corporate
    cult: culture, cultivate | cult, cults
    custom: customer, customary | customs
    defen: defendant, defence | defence, defend, defends, defended
    dump: dumpling | dump, dumps, dumped, dumping
    elect: electric, electronic | elect, elected, election*
    execut: executive | execute, executed, execution*
    factor: factory, factories | factor, factors
    famil: familiar | family, families
    foot: footage | foot, football*
    fund: fundamental | fund, funds, funded, funding
    gas: gasp, Gascoigne | gas
    gene: general, generation, Geneva | gene, genes, genetic*, genom*
    gold: Goldman, golden, Goldsmith | gold
    grad: grade, gradual | graduate*
    hack: Hackney, Hackett | hack, hacks, hacked, hacker*, hacking
    han: hand, handle, hang | Han Chinese
    heal: health | heal, heals, healing
    hospital: hospitality | hospital, hospitals, hospitalised
    hunt: Hunter, Huntingdon | Hunt
    import: important, importance | import, imports, imported, importer*
    india: Indiana | India, Indian, Indians
    inform: information | inform, informs, informed, informant*
    intel: intellectual, intelligent | intelligence
    inter: international, internet | a longer stem, as in interfer*
    intern: international, internet | intern, interns, internment
    invent: inventory | invent, invents, invention*, inventor*
    invest: investigate, investigation | invest, invests, invested, investing, investment*, investor*
    iron: irony, ironic | iron
    jet: jetty, jetlag | jet, jets
    labor: laboratory | labor, labour
    lamb: Lambeth, Lamborghini | lamb, lambs
    law: lawn, Lawrence, Lawson | law, laws, lawyer*, lawmaker*
    leg: legal, legacy, legend | leg, legs
    liber: liberal, Liberia, Liberty Steel | libert*, liberal*
    list: listen | list, lists, listed, listing*
    lond: Londonderry | London, Londoner*
    mao: Maori | Mao, Maoist*
    may: maybe, mayor, Mayo | Theresa May
    media: mediate, mediation | media
    mil: milk, mile, million, Milan | military, militar*
    milit: military, militant | military, or militant*
    min: mine, minute, minister | mine, mines, mining
    mine: mineral, Minehead | mine, mines, miner, miners, mining
    miner: mineral | miner, miners, mineral*
    mini: minister, minimum | Mini, Minis
    mus: must, music, Muslim, Musk | museum*, music
    nation: national, nationwide | nation, nations
    niger: Nigeria | Niger
    nuc: nucleus | nuclear
    organ: organise, organisation, organic | organ, organs
    pand: pander, pandemic, Pandora | panda, pandas
    part: party, partner, particular | part, parts
    parti: participate, particular | party, parties
    pass: passenger, passion | pass, passes, passed, passport*
    pig: pigeon, pigment | pig, pigs, piglet*
    plan: plane, planet, plant | plan, plans, planned, planning
    plane: planet | plane, planes
    pol: pole, poll, pollution, Poland | police, policing
    polic: police, policy | police, policing; or policy, policies
    polit: polite | politic*, politburo
    poll: pollution | poll, polls, polling
    port: portrait, portfolio, Portugal, portal | port, ports
    press: pressure | press, presses
    priv: private, privilege, privacy | private, or privacy
    pro: problem, process | a longer stem, as in protest*
    profess: profession, professional | professor*
    protest: Protestant | protest, protests, protested, protester*
    quant: quantity, Quantock | quantum
    rac: race, racket | racist*, racism
    rare: rarely | rare earth*
    rat: rate, rather, ratify, rating | rat, rats
    ration: rational | ration, rations
    relat: relative, relatively | relation, relations, relationship*
    republic: Republican | republic, republics
    rob: robot, robust, Robert | rob, robbery
    roman: romance, romantic, Romania | Roman, Romans
    sanct: sanctuary, sanctum | sanction*
    sea: search, season, seat, Seattle | sea, seas
    sec: second, sector, secret, section | SEC, security
    secret: secretary, secretariat | secret, secrets, secretly, secrecy
    silver: Silverstone | silver
    sol: sold, solve, soldier, solar | solar
    star: start, Starmer, Starbucks | star, stars
    stat: state, station, status | statistic*
    state: statement, statesman | state, states
    stock: Stockport, Stockholm, stocking | stock, stocks
    stud: studio, study | student*
    sub: subject, submit, suburb, subsidy | submarine*
    subsid: subsidiary, subsidy | subsidy, subsidies, subsidise*
    sun: Sunak, Sunday, Sunderland | sun
    tax: taxi | tax, taxes, taxed, taxation
    tea: teach, team, tear | tea, teas
    tick: ticket | tick, ticks
    tour: tournament, tourniquet | tour, tours, tourism, tourist*
    toy: Toyota | toy, toys
    trad: tradition, traditional | trade, trading, trader*
    treat: treatment | treaty, treaties
    tru: true, truth, truck, Trump | Truss
    turk: Turkmenistan | Turkey, Turkish
    uk: Ukraine | UK
    uni: union, unit, unique, United | universit*
    univers: universe, universal | universit*
    us: use, user, usual | US
    vari: various, variety | variant*
    war: warm, warn, Warwick, warehouse, ward | war, wars, warfare, warship*
    west: Westminster, Weston | West, western
    whisk: whisker | whisky, whiskies, whiskey
    wind: window, Windsor, Windrush | wind, winds, wind farm*
    work: workshop | worker*, workforce
    xi: Xinjiang, Xiaomi | Xi
    yang: Yangtze | Yang Tengbo, or another full name
"""


def _stems() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for line in _MISLEADING.strip().splitlines():
        stem, _, rest = line.partition(":")
        takes, _, instead = rest.partition("|")
        found[stem.strip()] = (takes.strip(), instead.strip())
    return found


MISLEADING = _stems()
"""Stem, as small letters → (other words that `stem*` takes, what to write instead)."""

ENDINGS = _words("""
    s es ed d r rs er ers or ors ing ings ment ments ship ships man men woman women maker makers making al
    ally ism ist ists ise ised ises ising ize ized izes izing isation ization ian ians an ans ese y ies ly
    less ful work works worker workers like wide yard yards side sides building builder builders power
    holder holders ic ics ical ically age ages dom ess esses hood
""") | {""}
"""Endings with which a noun remains the same matter."""
