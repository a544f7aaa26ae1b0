"""What domains publish about the mail in their name: SPF and DMARC, right and wrong.

Every thirty-fourth SPF record is wrong (2.9 %, IMC'23), each mistake in turn.
"""

from collections.abc import Iterator
from itertools import cycle
from typing import TypeVar

from scripts.world.market import Market
from scripts.world.providers import catalogue
from scripts.world.signals import Signals

T = TypeVar("T")
Texts = tuple[tuple[str, str], ...]
"""(name, TXT), with {d} for the domain and {terms} for what its provider asks for."""

MISTAKES: dict[str, Texts] = {
    "two_records": (("{d}", "v=spf1 {terms} ~all"), ("{d}", "v=spf1 a mx -all")),
    "bad_version": (("{d}", "v=spf10 {terms} ~all"),),
    "sender_id": (("{d}", "spf2.0/mfrom,pra {terms} ~all"),),
    "glued_version": (("{d}", "v=spf1{terms} ~all"),),
    "unknown_mechanism": (("{d}", "v=spf1 {terms} ipv4:192.0.2.1 ~all"),),
    "bad_ip4": (("{d}", "v=spf1 ip4:192.0.2.256 {terms} -all"),),
    "bad_ip6": (("{d}", "v=spf1 ip6:2001:db8:::1 {terms} -all"),),
    "bad_prefix": (("{d}", "v=spf1 ip4:192.0.2.0/33 {terms} -all"),),
    "empty_include": (("{d}", "v=spf1 include: {terms} -all"),),
    "glued_terms": (("{d}", "v=spf1 {terms}ip4:192.0.2.1-all"),),
    "spaced_colon": (("{d}", "v=spf1 ip4: 192.0.2.1 {terms} -all"),),
    "include_loop": (
        ("{d}", "v=spf1 include:loop.{d} -all"),
        ("loop.{d}", "v=spf1 include:{d} -all"),
    ),
    "includes_itself": (("{d}", "v=spf1 include:{d} -all"),),
    "missing_target": (("{d}", "v=spf1 {terms} include:gone.{d} -all"),),
    "target_without_record": (
        ("{d}", "v=spf1 {terms} include:bare.{d} -all"),
        ("bare.{d}", "not a policy"),
    ),
    "redirect_and_all": (("{d}", "v=spf1 {terms} -all redirect=other.{d}"),),
    "redirect_loop": (
        ("{d}", "v=spf1 redirect=other.{d}"),
        ("other.{d}", "v=spf1 redirect={d}"),
    ),
    "redirect_missing": (("{d}", "v=spf1 redirect=gone.{d}"),),
    "two_redirects": (
        ("{d}", "v=spf1 redirect=one.{d} redirect=two.{d}"),
        ("one.{d}", "v=spf1 mx -all"),
        ("two.{d}", "v=spf1 a -all"),
    ),
    "macros": (("{d}", "v=spf1 exists:%{i}._spf.{d} include:%{l}._spf.{d} -all"),),
    "bad_macro": (("{d}", "v=spf1 exists:%{x}._spf.{d} -all"),),
    "many_lookups": (
        ("{d}", "v=spf1 " + " ".join(f"include:s{n}.{{d}}" for n in range(12)) + " -all"),
        *((f"s{n}.{{d}}", f"v=spf1 ip4:198.51.100.{n} -all") for n in range(12)),
    ),
    "many_voids": (("{d}", "v=spf1 a:v1.{d} a:v2.{d} mx:v3.{d} exists:v4.{d} -all"),),
    "host_terms": (("{d}", "v=spf1 a mx a:{d}/24 mx:{d}//64 a:mail.{d} ~all"),),
    "ptr": (("{d}", "v=spf1 ptr ptr:{d} {terms} ?all"),),
    "everyone": (("{d}", "v=spf1 +all"),),
    "whole_internet": (("{d}", "v=spf1 ip4:0.0.0.0/0 -all"),),
    "halves": (("{d}", "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 ip6:::/0 -all"),),
    "no_all": (("{d}", "v=spf1 {terms}"),),
    "after_all": (("{d}", "v=spf1 -all {terms}"),),
    "upper_case": (("{d}", "V=SPF1 MX A IP4:192.0.2.0/24 ~ALL"),),
    "dash": (("{d}", "v=spf1 {terms} \u2013all"),),
    "no_break_space": (("{d}", "v=spf1\u00a0{terms} -all"),),
    "latin_1": (("{d}", "v=spf1 {terms} exp=erkl\udce4rung.{d} -all"),),
    "quotes": (("{d}", '"v=spf1 {terms} -all"'),),
    "backslash": (("{d}", "v=spf1 {terms} \\-all"),),
    "tabs": (("{d}", "v=spf1\tmx\ta\t-all"),),
    "long": (("{d}", "v=spf1 " + " ".join(f"ip4:203.0.113.{n}" for n in range(90)) + " -all"),),
    "explanation": (
        ("{d}", "v=spf1 {terms} exp=why.{d} -all"),
        ("why.{d}", "%{i} may not send for us"),
    ),
    "duplicate_include": (("{d}", "v=spf1 {terms} {terms} -all"),),
    "empty": (("{d}", ""),),
}
"""SPF records with a mistake, a danger or a rare feature, by name."""

_DMARC: dict[str, int] = {
    "": 55,
    "v=DMARC1; p=none; rua=mailto:dmarc@{d}": 16,
    "v=DMARC1; p=none": 8,
    "v=DMARC1; p=quarantine; rua=mailto:dmarc@{d}; pct=100": 8,
    "v=DMARC1; p=reject; sp=reject; rua=mailto:dmarc@{d}; ruf=mailto:dmarc@{d}; fo=1": 8,
    "v=DMARC1; p=reject; adkim=s; aspf=s": 2,
    "v=DMARC1;p=Reject;": 1,
    "v=DMARC1; rua=mailto:dmarc@{d}": 1,
    "v=DMARC1 p=none": 1,
    "p=none; v=DMARC1": 1,
    "v=DMARC1; p=monitor": 1,
    "v=spf1 -all": 1,
}
"""DMARC records by weight; the last six are wrong."""
_QUALIFIERS = {"~all": 55, "-all": 38, "?all": 6, "": 1}
_SENDERS = {0: 50, 1: 28, 2: 14, 3: 6, 4: 2}
_TOKENS = (
    "google-site-verification={}",
    "MS=ms{}",
    "facebook-domain-verification={}",
    "apple-domain-verification={}",
    "docusign={}",
    "atlassian-domain-verification={}",
)
_MISTAKE_EVERY = 34
_WITHOUT_SPF = 0.3


class Policies:
    """Publishes the TXT records of one domain after the other."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._builder = market.builder
        self._mistakes: Iterator[Texts] = cycle(MISTAKES.values())
        self._count = 0

    def publish(
        self, domain: str, terms: str, signals: Signals | None = None, *, sends: bool = False
    ) -> None:
        """SPF with its provider's terms, DMARC, verification tokens, DKIM of other senders.

        Who sends has an SPF record; of the others, most.
        """
        random = self._market.random
        if random.random() >= _WITHOUT_SPF or sends:
            self._count += 1
            wrong = self._count % _MISTAKE_EVERY == 0
            own = signals or Signals(self._builder, domain)
            texts = next(self._mistakes) if wrong else (("{d}", self._record(terms, own)),)
            for name, text in texts:
                self._text(_fill(name, domain, terms), _fill(text, domain, terms))
        if dmarc := _draw(self._market, _DMARC):
            self._text(f"_dmarc.{domain}", _fill(dmarc, domain, terms))
        for token in random.sample(_TOKENS, random.choices((0, 1, 2, 4), (60, 25, 10, 5))[0]):
            self._text(domain, token.format(f"{random.getrandbits(64):016x}"))

    def _record(self, terms: str, signals: Signals) -> str:
        """An SPF record as most have it."""
        random, senders = self._market.random, catalogue().senders
        weights = [sender.weight for sender in senders]
        chosen = {
            s.include: s for s in random.choices(senders, weights, k=_draw(self._market, _SENDERS))
        }
        for sender in chosen.values():
            for name, text in sender.txt.items():
                self._builder.publish(name, "TXT", text)
            signals.of_sender(sender)
        includes = " ".join(f"include:{name}" for name in chosen)
        own = f"ip4:198.51.100.{random.randrange(256)}" if random.random() < 0.3 else ""
        if "redirect=" in terms:
            return _joined("v=spf1", own, includes, terms)
        return _joined("v=spf1", own, terms, includes, _draw(self._market, _QUALIFIERS))

    def _text(self, name: str, text: str) -> None:
        self._builder.record(name, "TXT", text)


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _fill(template: str, domain: str, terms: str) -> str:
    # Not str.format: SPF macros have braces too.
    return template.replace("{d}", domain).replace("{terms}", terms)


def _draw(market: Market, weighted: dict[T, int]) -> T:
    return market.random.choices(list(weighted), list(weighted.values()))[0]
