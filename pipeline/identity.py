"""Who we are to others: a name that leads to us and back, and a way to reach us.

Asked of every crawl that contacts public servers (RFC 5321 section 4.1.4 wants a name that
resolves; operators want one that they can trust and somebody to write to).
"""

from importlib.metadata import version
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from pipeline.errors import ConfigError
from pipeline.settings import Settings
from stages.dns.answer import Answer, Question, Resolver, RRType
from stages.enrich.special import Scope
from stages.seeds.entry import Rejected
from stages.seeds.name import domain


class UnconfirmedError(ConfigError):
    """A name that does not lead to an address and back."""

    def __init__(self, found: str, advice: str) -> None:
        super().__init__(f"ehlo_name: {found}; {advice}")
        self.found = found
        self.advice = advice


def contacts_strangers(settings: Settings) -> bool:
    """Whether mail servers of others are probed, or policies fetched from them."""
    return (settings.smtp or settings.sts_policies) and settings.scope is Scope.PUBLIC


def check_identity(settings: Settings) -> None:
    """Refuse to contact strangers without saying who we are; ConfigError says what is missing."""
    if not contacts_strangers(settings):
        return
    name, contact = settings.ehlo_name, settings.contact
    missing = [word for word, value in (("ehlo_name", name), ("contact", contact)) if not value]
    if not name or not contact:
        raise ConfigError(
            f"{' and '.join(missing)} must be set before servers of others are contacted: the "
            "host name that our address resolves to, and where its owner can be reached"
        )
    if not is_host_name(name):
        raise ConfigError(f"ehlo_name {name!r} is no host name under a registered domain")
    if not is_contact(contact):
        raise ConfigError(f"contact {contact!r} is neither a web address nor a mail address")


def is_host_name(name: str) -> bool:
    """Whether it is a fully qualified host name that somebody can own."""
    try:
        domain(name, exact=False)
    except Rejected:
        return False
    return name.isascii() and "_" not in name


def is_contact(text: str) -> bool:
    """Whether it is an http(s) URL or a mail address, by its form."""
    if "@" in text and "/" not in text:
        local, _, host = text.removeprefix("mailto:").rpartition("@")
        return bool(local) and " " not in local and is_host_name(host)
    try:
        url = urlsplit(text)
        return url.scheme in ("http", "https") and is_host_name(url.hostname or "")
    except ValueError:
        return False


def user_agent(settings: Settings) -> str:
    """What policy hosts are told of us: the program, the name of this machine, whom to ask."""
    about = (settings.ehlo_name, settings.contact and f"+{settings.contact}")
    told = "; ".join(quote(each, safe="+:/?#@!$&'*,=%~") for each in about if each)
    return f"mailcensus/{version('mailcensus')}" + (f" ({told})" if told else "")


async def confirm_name(name: str, resolver: Resolver) -> list[str]:
    """The addresses of our name, each of which must lead back to it; else UnconfirmedError.

    Forward-confirmed reverse DNS, seen from this side: whoever we greet will look the same up.
    """
    forward = await resolver.ask([Question(name, RRType.A), Question(name, RRType.AAAA)])
    addresses = [address for answer in forward for address in answer.texts()]
    if not addresses:
        outcomes = f"A {forward[0].outcome}, AAAA {forward[1].outcome}"
        raise UnconfirmedError(f"{name} has no address ({outcomes})", "publish one")
    pointers = [Question(ip_address(each).reverse_pointer, RRType.PTR) for each in addresses]
    reverse = await resolver.ask(pointers)
    astray = [
        f"{address} -> {_names(answer)}"
        for address, answer in zip(addresses, reverse, strict=True)
        if name.lower() not in {text.lower() for text in answer.texts()}
    ]
    if astray:
        found = f"the PTR of {'; '.join(astray)} instead of {name}"
        raise UnconfirmedError(found, "ask your provider to set the PTR record")
    return addresses


async def confirm_identity(settings: Settings, resolver: Resolver) -> None:
    """Where strangers are contacted, see that our name leads to us; UnconfirmedError if not."""
    if contacts_strangers(settings) and settings.ehlo_name:
        await confirm_name(settings.ehlo_name, resolver)


def _names(answer: Answer) -> str:
    return ", ".join(answer.texts()) or answer.outcome
