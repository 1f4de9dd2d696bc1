"""The demo's secrets: made at random at the first start, kept in one file that only its owner may read."""

import json
import os
import secrets
import shlex
from dataclasses import dataclass
from pathlib import Path

ACCOUNTS = {
    "coordinator": "Study coordinator",
    "reader1": "Radiologist (first reader)",
    "reader2": "Radiologist (second reader)",
    "reader3": "Radiologist (third reader)",
    "adjudicator": "Adjudicator",
    "pathologist": "Pathologist",
    "analyst": "Analyst",
    "admin": "Administrator",
}
# Syllables of one consonant and one vowel are easy to read aloud and to type: 9 of them carry 57 bits.
CONSONANTS = "bdfgklmnprstvwyz"
VOWELS = "aeiou"
WORDS, SYLLABLES = 3, 3


@dataclass(frozen=True)
class Credentials:
    """What the processes need to know and the demo's owner may see."""

    path: Path
    secret_key: str
    pseudonym_key: str
    passwords: dict[str, str]

    def environment(self) -> dict[str, str]:
        """The variables that Django's settings read."""
        return {"DJANGO_SECRET_KEY": self.secret_key, "PETRA_PSEUDONYM_KEY": self.pseudonym_key}


def load_or_make(path: Path) -> Credentials:
    """Reads the file of an earlier start, or makes it; accounts that were added since get their password now."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    content = {
        "secret_key": kept.get("secret_key") or secrets.token_urlsafe(50),
        "pseudonym_key": kept.get("pseudonym_key") or secrets.token_urlsafe(32),
        "passwords": {name: memorable_password() for name in ACCOUNTS} | kept.get("passwords", {}),
    }
    if content != kept:
        write_private(path, json.dumps(content, indent=2))
    return Credentials(path=path, **content)


def memorable_password() -> str:
    """Three invented words such as ``lomati-vedune-kisora``."""
    return "-".join("".join(_syllable() for _ in range(SYLLABLES)) for _ in range(WORDS))


def write_private(path: Path, text: str) -> None:
    """Replaces the file in one step; it is never readable for others, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def write_environment(path: Path, environment: dict[str, str]) -> None:
    """Leaves the variables for another terminal: ``. .demo/env.sh && .venv/bin/python manage.py …``."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in sorted(environment.items())]
    write_private(path, "\n".join(lines) + "\n")


def _syllable() -> str:
    return secrets.choice(CONSONANTS) + secrets.choice(VOWELS)
