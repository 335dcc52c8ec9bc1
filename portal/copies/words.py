"""Numbers in Spanish words, as folios are numbered: in figures and in words. Pure."""

UNITS = [
    *("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez"),
    *("once", "doce", "trece", "catorce", "quince", "dieciséis", "diecisiete", "dieciocho"),
    *("diecinueve", "veinte", "veintiuno", "veintidós", "veintitrés", "veinticuatro"),
    *("veinticinco", "veintiséis", "veintisiete", "veintiocho", "veintinueve"),
]
TENS = ["treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"]
HUNDREDS = [
    *("ciento", "doscientos", "trescientos", "cuatrocientos", "quinientos", "seiscientos"),
    *("setecientos", "ochocientos", "novecientos"),
]


def in_words(number: int) -> str:
    """Return a number from 0 to 999,999 in words: 21 is `veintiuno`, 101 is `ciento uno`."""
    thousands, rest = divmod(number, 1000)
    if thousands:
        # Before "mil" a number that ends in one loses its last letter: veintiún mil.
        head = "mil" if thousands == 1 else f"{_shortened(_below_thousand(thousands))} mil"
        return f"{head} {_below_thousand(rest)}" if rest else head
    return _below_thousand(rest)


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if number == 100:
        return "cien"
    if hundreds:
        head = HUNDREDS[hundreds - 1]
        return f"{head} {_below_hundred(rest)}" if rest else head
    return _below_hundred(rest)


def _below_hundred(number: int) -> str:
    if number < len(UNITS):
        return UNITS[number]
    tens, rest = divmod(number, 10)
    head = TENS[tens - 3]
    return f"{head} y {UNITS[rest]}" if rest else head


def _shortened(words: str) -> str:
    if words.endswith("veintiuno"):
        return words.removesuffix("veintiuno") + "veintiún"
    return words.removesuffix("o") if words.endswith("uno") else words
