"""Word lists and random words for the places in a question that the model has to copy."""

import random

CITIES = (
    "Paris|London|Berlin|Rome|Madrid|Tokyo|New York|San Francisco|Toronto|Sydney|Cairo|Mumbai|"
    "Beijing|Moscow|Vienna|Prague|"
    "Warsaw|Oslo|Stockholm|Helsinki|Lisbon|Athens|Dublin|Zurich|Geneva|Munich|Hamburg|Cologne|"
    "Amsterdam|Brussels|Budapest|"
    "Istanbul|Dubai|Delhi|Bangkok|Singapore|Hong Kong|Seoul|Osaka|Kyoto|Boston|Chicago|Seattle|"
    "Austin|Denver|Miami|Los Angeles|"
    "Vancouver|Montreal|Mexico City|Lima|Bogota|Santiago|Buenos Aires|Nairobi|Lagos|Cape Town|Tel "
    "Aviv|Milan|Naples|Venice|"
    "Florence|Barcelona|Seville|Porto|Lyon|Nice|Marseille|Bern|Basel|Salzburg|Graz|Bremen|Dresden|"
    "Leipzig|Bonn|Ghent"
).split("|")
COUNTRIES = (
    "France|Germany|Italy|Spain|Canada|Japan|China|India|Brazil|Mexico|Egypt|Kenya|Norway|Sweden|"
    "Finland|Poland|Austria|"
    "Switzerland|Greece|Portugal|Turkey|Russia|Australia|Chile|Peru|Argentina|Nigeria|Morocco|"
    "Ireland|Denmark|Belgium"
).split("|")
NAMES = (
    "Anna|Bob|Alice|Tom|Maria|John|Peter|Paul|Mary|Lisa|Max|Emma|Noah|Mia|Leo|Ben|Sara|Eva|Jan|Nina|"
    "Lena|Felix|Oscar|Clara|"
    "David|Daniel|Laura|Julia|Simon|Lucas|Hannah|Sophie|Marie|Jonas|Kim|Alex|Sam|Chris|Pat|Robin|Ada|"
    "Grace|Alan|Linus|Luna|"
    "Loki|Rex|Bella|Charlie|Milo|Ruby|Oliver|Ivan|Olga|Yuki|Ken|Ravi|Priya|Chen|Wei|Omar|Fatima|Ali|"
    "Zoe|Ella|Jack|Harry|Kate"
).split("|")
THINGS = (
    "cats|dogs|whales|the moon|volcanoes|cheap flights|the latest news|python tutorials|pasta "
    "recipes|climate change|bicycles|"
    "electric cars|football results|black holes|jazz music|solar panels|healthy food|running shoes|"
    "chess openings|coffee|"
    "tomato plants|medieval castles|space travel|machine learning|the stock market|dinosaurs|good "
    "books|train tickets|hotels|"
    "world war two|home insurance|guitar lessons|hiking trails|tax rules|rain forests|penguins|bread baking"
).split("|")
COLOURS = "red|green|blue|yellow|black|white|orange|purple|pink|brown|grey|violet|turquoise".split("|")
ROOMS = "kitchen|bedroom|living room|bathroom|office|hall|garage|garden|cellar|attic".split("|")
LANGUAGES = "German|French|Spanish|Italian|Polish|Dutch|Japanese|Chinese|Russian|English|Greek|Swedish".split(
    "|"
)

SPELLED = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen "
    "eighteen nineteen twenty"
).split()

_ONSETS = "b c d f g h j k l m n p r s t v w z br cl dr fl gr kr pl sh st th tr qu".split()
_VOWELS = "a e i o u ai ee oo ou ia".split()
_CODAS = ["", "", "", "n", "r", "s", "l", "m", "x", "ck", "nd", "t", "sk", "ng"]


def invent(rng: random.Random, least: int = 1, most: int = 3) -> str:
    """A word that does not exist, of `least` to `most` syllables, in lower case."""
    count = rng.randint(least, most)
    return "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(count))


def mostly(known: list[str], rng: random.Random, invented: float = 0.25) -> str:
    """One of `known`, or at the chance `invented` a made-up name with a capital."""
    return invent(rng, 1, 3).capitalize() if rng.random() < invented else rng.choice(known)


def city(rng: random.Random) -> str:
    """A city, real or invented, sometimes with its country, sometimes in lower case."""
    name = mostly(CITIES, rng)
    chance = rng.random()
    if chance < 0.08:
        return f"{name}, {mostly(COUNTRIES, rng)}"
    return name.lower() if chance < 0.16 else name


def person(rng: random.Random) -> str:
    """A first name, sometimes with a surname."""
    first = mostly(NAMES, rng, 0.3)
    return f"{first} {invent(rng, 1, 2).capitalize()}" if rng.random() < 0.15 else first


def phrase(rng: random.Random) -> str:
    """What one might search for: a known thing, or a few words."""
    if rng.random() < 0.4:
        return rng.choice(THINGS)
    return " ".join(
        rng.choice((invent(rng), rng.choice(THINGS).split()[-1], mostly(CITIES, rng)))
        for _ in range(rng.randint(1, 4))
    )


def integer(rng: random.Random) -> int:
    """A whole number, mostly small."""
    return rng.choice(
        (rng.randint(0, 12), rng.randint(0, 99), rng.randint(100, 999), rng.randint(1000, 99999))
    )


def number(rng: random.Random) -> int | float:
    """A whole or a decimal number."""
    return integer(rng) if rng.random() < 0.8 else rng.randint(1, 999) / rng.choice((2, 10, 100))


def path(rng: random.Random) -> str:
    """The path of a file."""
    folder = rng.choice(("", "/tmp/", "./", "docs/", "src/", f"/home/{invent(rng, 1, 1)}/"))
    return folder + invent(rng, 1, 2) + rng.choice((".txt", ".py", ".md", ".json", ".csv", ".log", ""))


def url(rng: random.Random) -> str:
    """The address of a web page."""
    host = rng.choice(("example", f"www.{invent(rng)}", invent(rng), f"{invent(rng, 1, 1)}.{invent(rng)}"))
    tail = rng.choice(("", "/", f"/{invent(rng, 1, 1)}", "/index.html"))
    return f"https://{host}.{rng.choice(('com', 'org', 'net'))}{tail}"


def symbol(rng: random.Random) -> str:
    """A ticker symbol."""
    if rng.random() < 0.5:
        return rng.choice(("AAPL", "MSFT", "GOOG", "TSLA", "AMZN", "NVDA", "IBM", "META"))
    return "".join(rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(rng.randint(2, 4)))


def expression(rng: random.Random) -> str:
    """A sum of two to four terms."""
    terms = [str(integer(rng))]
    for _ in range(rng.randint(1, 3)):
        terms += [rng.choice("+-*/"), str(integer(rng))]
    return rng.choice((" ", " ", "")).join(terms)


def code(rng: random.Random) -> str:
    """The number of an order."""
    return rng.choice(("A", "B", "X", "", "INV-", "ORD-")) + str(rng.randint(100, 99999))


def command(rng: random.Random) -> str:
    """A shell command."""
    fixed = ("ls -la", "pwd", "whoami", "df -h", "git status", "make test", "uname -a", "date")
    return rng.choice((*fixed, f"echo {invent(rng)}", f"cat {path(rng)}", f"git {invent(rng, 1, 1)}"))
