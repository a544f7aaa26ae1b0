"""Names for the domains of a world: pronounceable, distinct, under suffixes as in life."""

from itertools import accumulate
from random import Random

import idna

_ONSETS = tuple("b br c ch d dr f fl g gr h j k kl l m n p pl qu r s st sch t tr v w z".split())  # noqa: SIM905
_NUCLEI = tuple("a e i o u ai au ea ee ie io oo ou".split())  # noqa: SIM905
_CODAS = ["", "", "", "l", "m", "n", "r", "s", "t", "x", "ck", "nd", "rt"]
_FOREIGN = tuple("müller ñandú crème smörgås łódź straße český пошта 邮件 δήμος".split())  # noqa: SIM905
_SUFFIXES = {
    "com": 480, "net": 50, "org": 50, "de": 45, "co.uk": 30, "ru": 40, "nl": 20, "fr": 20, "it": 15,
    "pl": 15, "com.br": 20, "co.jp": 15, "jp": 5, "cn": 15, "com.au": 12, "ch": 8, "at": 8,
    "es": 10, "se": 8, "cz": 6, "eu": 10, "io": 10, "info": 12, "co": 8, "us": 6, "ca": 8, "in": 10,
    "gov": 3, "edu": 4, "ac.uk": 2, "gov.au": 2, "shop": 6, "app": 3, "xyz": 8,
}  # fmt: skip
_FOREIGN_SHARE = 0.01


class Names:
    """An endless source of domain names, none twice."""

    def __init__(self, random: Random, taken: set[str]) -> None:
        self._random = random
        self._taken = taken
        self._suffixes = list(_SUFFIXES)
        self._weights = list(accumulate(_SUFFIXES.values()))

    def domain(self) -> str:
        """A fresh domain name, as it would be typed: one in a hundred is no ASCII."""
        suffix = self._random.choices(self._suffixes, cum_weights=self._weights)[0]
        foreign = self._random.random() < _FOREIGN_SHARE
        name = f"{self._word()}{'-' + self._random.choice(_FOREIGN) if foreign else ''}.{suffix}"
        if name in self._taken:
            return self.domain()
        self._taken.add(name)
        return name

    def _word(self) -> str:
        choice = self._random.choice
        syllables = self._random.randrange(2, 5)
        return "".join(choice(_ONSETS) + choice(_NUCLEI) + choice(_CODAS) for _ in range(syllables))


def a_labels(domain: str) -> str:
    """The domain as the DNS has it, lower-case (UTS 46). Raises idna.IDNAError."""
    return domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode()
