"""FIGO stages and TNM categories in one way of writing; whether an edition has a stage is asked elsewhere."""

import re

INDETERMINATE = "indeterminate"
_ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV"}
_MOLECULAR = {"p53abn": "p53abn", "polemut": "POLEmut", "mmrd": "MMRd", "nsmp": "NSMP"}
_STAGE = re.compile(
    r"(?P<roman>IV|I{1,3}|[1-4])(?P<letter>[ABC]?)(?P<number>[123]?)(?P<part>\(I{1,2}\))?(?P<how>[RP]?)"
    r"(?P<molecular>M(?:P53ABN|POLEMUT|MMRD|NSMP))?"
)
_TNM = {
    "T": re.compile(r"T(X|IS|[0-4][A-D]?[1-3]?)"),
    "N": re.compile(r"N(X|[0-3](MI)?[A-C]?[12]?)"),
    "M": re.compile(r"M(X|[01][A-C]?)"),
}


def read_stage(words: str) -> str | None:
    """“FIGO stage 3c1” → “IIIC1”, “iicmp53abn” → “IICmp53abn”; None where it is no stage.

    The molecular addition of endometrial cancer's 2023 edition is kept as FIGO writes it.
    """
    plain = re.sub(r"(?i)\b(figo|stage|st\.?|stadium)\b|[\s_.]", "", words).upper()
    if plain in {"INDETERMINATE", "INDET", "UNSTAGED", "NOTSTAGED"}:
        return INDETERMINATE
    match = _STAGE.fullmatch(plain)
    # A bare digit may as well be a code of the table's own: its meaning must be said.
    if match is None or words.strip().isdecimal():
        return None
    found = match.groupdict(default="")
    molecular = found["molecular"][1:].lower()
    roman = _ROMAN.get(found["roman"], found["roman"])
    return "".join(
        [
            roman,
            found["letter"],
            found["number"],
            found["part"].lower(),
            found["how"].lower(),
            f"m{_MOLECULAR[molecular]}" if molecular else "",
        ]
    )


def read_tnm(letter: str, words: str) -> str | None:
    """“pt1b2” → “pT1b2”; a bare “1b2” gets its letter. None where it is no category of the letter."""
    plain = re.sub(r"\s", "", words)
    upper_from = re.search(rf"(?i){letter}(?=[x0-4i])", plain)
    prefix, rest = ("", letter + plain) if upper_from is None else (
        plain[: upper_from.start()].lower(), plain[upper_from.start() :]
    )  # fmt: skip
    if prefix not in {"", "c", "p", "yc", "yp", "r", "a"} or not _TNM[letter].fullmatch(rest.upper()):
        return None
    value = rest[1:].upper()
    return f"{prefix}{letter}{value if value == 'X' else value.lower()}"
