"""Core: how common words are on this beat before the first item of the day has been counted.

Rarity counted over one morning's few items would call every word rare. This list is written by hand: round
numbers for words that any reader of UK-China news meets daily, weekly or now and then. Words that carry no
news at all are in STOP and never counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_STOP = """
    a about above across ad advertisement after again against ago all almost alone along already also
    although always am amid among an and another any anyone anything are around as at away back be
    became because become been before behind being below between both but by came can cannot click come
    comes continue cookie could did do does doing done down during each either else enough even ever
    every everyone everything few for from further gave get gets getting give given gives go goes going
    gone got had has have having he her here hers herself hide him himself his how however i if in
    indeed instead into is it its itself just keep kept let like likely made make makes making many may
    me might mine more most much must my myself near nearly neither never newsletter no nobody none nor
    not nothing now of off often on once one only onto or other others our ours out over own per perhaps
    put puts quite rather re read reading s same seem seems she should sign since so some someone
    something soon still subscribe such t take taken takes taking than that the their them themselves
    then there these they this those though through throughout thus till to together too took toward
    towards under until up upon us very via was we well went were what when where whether which while
    who whom whose why will with within without would yes yet you your yours
"""
STOP = frozenset(_STOP.split())

# Items of three hundred, on this beat, that hold the word in headline or summary. It is no more than three
# hundred so that what the stories of the last days hold soon counts for more.
_DAILY = (
    150,
    """
    china uk
    """,
)
_OFTEN = (
    33,
    """
    government hong kong london minister said say says trade
    """,
)
# Words of any story: reports of different events share them every day, so they count for next to nothing.
_EVERYDAY = (
    30,
    """
    able accept account accuse accused accusing act add address admit affect agree agreed agreeing aim
    allege allow alter announce answer answered anticipate appear apply approach argue arise arrive ask
    asked asking assert assess assume attempt attend avoid await aware bad base battle bear began begin
    begins begun believe belong benefit better big blame boost bought bring brings brought build builds
    built buying buys call called calling care carry cast catch cause challenge change choose cite claim
    claimed claiming claims clear close combine commit compare complain complete concern conclude
    condemn confirm confront consider contain contribute control cope correct cost count cover create
    criticise cry current cut danger date debate decide declare deepen defend define delay deliver
    demand demanded demanding demands deny depend describe deserve despite detail determine develop
    differ difficult direct discuss draw drive drop due early ease easy effect effort emerge emphasise
    enable encourage end engage enjoy ensure enter entire establish event exist expand expect experience
    explain explore express extend face faced facing fact fail fair fall falls far fear feel feels fell
    felt fight figure fill final find finding finds finish fit fix flow focus follow force form forward
    found free fresh full future gain gather general generate grave great grew grow grown grows
    guarantee guess hail hailed hails handle happen happy hard harm head hear heavy held help high
    highlight hint hit hits hold holding hope host hosted hosts hour huge hurt idea identify ignore
    impact implement imply important impose improve include increase indicate influence inform insist
    insisted insists intend introduce invite involve issue join keeps key kick kill knew know known
    knows lack large last late latest launch lay lead leading leads learn leave leaving led left lie
    lift light limit link list listen live lived lives living long look looked looking looks lose lost
    low main maintain major manage mark mean measure meet meeting mention met miss moment month mount
    move moved moves moving name narrow need new night note notice number observe obtain obvious occur
    offer open operate opportunity oppose option order outline overcome owe paid part pass pay paying
    pays people perform permit person pick place plan play plea pledge pledged point poor position
    possible potential power praise praised praises prefer prepare present press pressure prevent
    previous prior problem proceed produce progress promise promote prompt prospect protect prove
    provide public pull purpose pursue push question quick quiet quit raise raised raises raising range
    reach react ready real realise reason reassure recall receive recent recognise recommend record
    reduce refer reflect regard reject relate release rely remain remember remind remove repeat replace
    reply report represent request require resist resolve respond response rest result retain return
    reveal rich right rise rises risk role roll rose rule run rush save saw saying scale scene see seek
    seeking seen sees sell selling sells send sends sense sent separate serious serve set sets setting
    settle shape share shift short show showed shown shows side significant similar simple single
    situation slam slow small sold solve sort sought sound speak speaking speaks special spend split
    spoke spoken stage stake stand stands start state stay step stood stop story strengthen stress
    strike strong struggle study submit succeed suffer suggest suit support suppose sure surprise
    survive suspect talk target tell telling tend term test thank thing think thinks thought threat
    threaten tie tight time today told tonight top total touch tough track tried tries trouble true
    trust try trying turn turned turning turns uncertain understand unlikely urge urged urging use used
    uses using usual value vary version view vow vowed vowing wait waited waiting wake walk wall want
    wanted wanting warn warned warning wary watch way weak wear week welcome whole wide win wins wish
    won wonder word work worked working works world worry worse worst worth write wrong year yesterday
    young
    """,
)
_WEEKLY = (
    14,
    """
    business companies company countries country deal economic firm firms first foreign global
    investment kingdom last leader leaders ministry national new official officials party people
    president prime
    secretary security starmer state talks two united university visit war world xi year years
    """,
)
_SOMETIMES = (
    5,
    """
    access according act action affairs agency agree agreed agreement ahead aid announce announced
    announces april august authorities ban bank based bid big bilateral bill billion bln bn boost border
    building call called calls cameron campaign capital case centre chair chancellor change charge
    charged chief citizens city claims climate close commission committee commons communist concern
    concerns conference conservative cooperation council court critical cut cyber data day days debate
    december defence democracy department details development dialogue diplomatic director dispute
    economy education election embassy end energy engagement english espionage eu european executive
    expected expert experts export exports face faces fears february finance financial former free
    freedom friday full future group growth hacking head health help high hit hold holds home house
    huawei human impact import imports including increase industrial industry influence information
    intelligence interests interference international investors issue issues january jimmy jinping job
    jobs johnson joint july june keir key labour lai lammy largest latest law lawmakers lawyer lead
    leading led legal letter level links local long lord lords major manufacturing march market markets
    meet meeting meets member members mi5 million ministers monday month months move mp mps need news
    next november nuclear october office open opens opposition order overseas pact parliament partner
    partnership pay peer plan planning plans police policy political politics power pressure price
    private project protect public push question questions raise raised raises range real reeves region
    relations relationship release report reports research response rights risk risks role rule rules
    russia russian sale sales sanction sanctions scheme science secretaries sector send senior september
    services set shanghai share shares show site slams small social source sources south speak speaks
    speech spy spying staff standard start statement states steel step steps strategic strategy strong
    student students summit sunak supply support supporting system target tariff tariffs tech technology
    term thousands threat threats three thursday ties time today told top tour transport treaty trial
    trip trump truss try tuesday turn universities urge urged urges use used values view visa want wants
    warn warned warning warns way wednesday week weeks west western whitehall work workers working
    xinjiang
    """,
)
_NOW_AND_THEN = (
    2,
    """
    able academic account accuse accused achieve activists activity address administration admits
    adviser affect africa age air allegations alleged alliance allies allow allowed ambassador america
    american analysis analyst annual appeal appear approach approval approve approved area areas argue
    army arrest arrested article asia ask asked assets attack attacks attempt audit australia author
    autumn available average avoid aware background balance banking banks bans base battle bbc began
    begin behaviour believe benefit benefits best better beyond biggest billions block blocked board
    body book bring britons broad brought budget build built buy buying canada candidate car carbon care
    cars cases cash cause central century ceremony chain chains challenge challenges chance charges chen
    choice civil clean clear closed closer club co coal college comment commercial commitment
    communication communications community compete competition complete computer conditions conduct
    confidence confirm confirmed confirms congress consider consumer consumers contact content continued
    continues contract control controversial cooperate cost costs counterpart crackdown create credit
    crime crisis critic criticised criticism critics cultural culture currency current customers cuts
    dangerous date dead deals death decade decades decision decisions declared deep defend defends delay
    delayed delegation delivery demand demands democratic denied denies deny deputy described designed
    despite detained developed developing different digital diplomat diplomats direct discuss discussed
    discussion dollar domestic drive drop due earlier early east effort efforts electric emissions
    employees engage ensure enter entire entry environment equipment europe event exchange exclusive
    expand expansion expect experience exporters extend facing factory failed fair fall falls family far
    fear fellow festival fight figures file film final find five flight flights focus follow followed
    following follows food force forced forces foreigners form forward found four france friend front
    fund funding funds gain game general germany giant giants goal goods great ground grow growing
    guardian guidance guide half hand happen hard headline headquarters hear heard held helping historic
    history holding hope hopes host hosted hour hours huge idea identify illegal immigration importance
    important inc income independent india individuals infrastructure innovation inquiry inside
    institute institution institutions insurance intellectual interest interview invest invested
    investigation investor involved island japan join joined journal journalist journalists judge
    justice keeping kind know known korea lack land language large late later launch launched launches
    laws learn leave left less li liberal life light limit limited line link list liu live lives living
    look looks lose loss lost low lower ltd luxury mainland maker man manager mark mass matter matters
    mayor means measures media medical mega men message migration military mind mission mobile model
    modern money morning mother movement museum name named names nations natural nature navy
    negotiations network networks nhs night north number offer offered offering offers offices oil
    olympic online operate operations opportunities opportunity option organisation outside owned owner
    pandemic paper park part partners parts past path peace period person phone place places plant play
    plc point points population port position positive possible post potential practice premier prepare
    present press prevent previous prices priority prison problem problems process product production
    products professor profit programme progress projects promise promised promote property proposal
    proposals proposed prospects protection protest protests provide provided province publish published
    purchase quarter quickly raising rate rates ready reason recent record reduce reform reforms refuse
    refused regime regions regulator regulators reject rejected rejects remain remains reporter
    representative request researchers resilience responsible rest restrictions result results return
    reveal revealed reveals review rise rises rising road route royal run running safe safety saying
    scale school schools scientists scotland scottish screen sea search second secret section secure
    seek seeking seeks seen sell selling series serious served service session several shift ship short
    signed significant signing signs similar single situation six size society software solar sold
    speaker special spend spending spoke sport spring stability stage stand standards stands statements
    station stop stopped story street strengthen study subject success suggest suggests summer supplier
    suppliers sure surge suspected sweeping table taiwan talk tax team technologies telecoms tell tells
    tension tensions territory test thing things think third tie tiny total tourism tourists town
    trading traditional transfer travel treatment tried troops true turned type ukraine undermine
    understand union unit update value vehicle vehicles version victims video village visited visiting
    visitors visits voice vote wales wang washington watch water website weekend welcome welcomed whole
    wider win wind winter woman women word words worker worldwide worth write written wrong young zhang
    """,
)


@dataclass(frozen=True, slots=True)
class Background:
    """Word counts from before the batch: in how many of `documents` items each word stood."""

    documents: int
    counts: Mapping[str, int] = field(default_factory=dict)


def _shipped() -> Background:
    counts: dict[str, int] = {}
    for often, words in (_NOW_AND_THEN, _SOMETIMES, _WEEKLY, _EVERYDAY, _OFTEN, _DAILY):
        counts |= dict.fromkeys(words.split(), often)
    return Background(300, counts)


SHIPPED = _shipped()
"""The hand-written counts that serve until a store's own are handed in."""
