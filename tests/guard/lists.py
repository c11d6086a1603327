"""Make the guard's two long lists anew: python -m tests.guard.lists. The words of English, and names from many places.

English comes from SCOWL (the Debian package `wbritish-large`), names from the lists of Faker (of the extra `dev`).
"""

from __future__ import annotations

import importlib
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from knowledge import articles

DATA = Path(articles.__file__).parent / "data"
SCOWL = Path("/usr/share/dict/british-english-large")
LOCALES = [
    "en",
    "en_GB",
    "en_IE",
    "en_IN",
    "en_KE",
    "en_NG",
    "en_PK",
    "en_NZ",
    "ga_IE",
    "ha_NG",
    "ig_NG",
    "yo_NG",
    "tw_GH",
    "zu_ZA",
    "sw",
    "pl_PL",
    "ro_RO",
    "lt_LT",
    "sk_SK",
    "hu_HU",
    "hr_HR",
    "tr_TR",
    "pt_PT",
    "es_ES",
    "it_IT",
    "fr_DZ",
    "fr_FR",
    "vi_VN",
    "zh_CN",
    "zh_TW",
    "uz_UZ",
    "sv_SE",
    "id_ID",
]
_LATIN = re.compile(r"[a-z]{2,}(?:['-][a-z]+)*")


def main() -> None:
    """Write both lists."""
    english = {word for word in SCOWL.read_text(encoding="utf-8").split() if word.isalpha() and word == plain(word)}
    _write("guard_english.txt", english)
    _write(
        "guard_names.txt", {part for name in _names() for part in plain(name.lower()).split() if _LATIN.fullmatch(part)}
    )


def plain(word: str) -> str:
    """Return a lower-case word without accents; a word with capitals gives another one."""
    folded = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def _names() -> Iterator[str]:
    for locale in LOCALES:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for attribute in dir(provider):
            found = getattr(provider, attribute)
            if re.search(r"first|last|romani", attribute) and "pair" not in attribute and not callable(found):
                yield from (name for name in found if isinstance(name, str))


def _write(name: str, words: set[str]) -> None:
    (DATA / name).write_text("\n".join(sorted(words)) + "\n", encoding="utf-8")
    sys.stdout.write(f"{name}: {len(words)}\n")


if __name__ == "__main__":
    main()
