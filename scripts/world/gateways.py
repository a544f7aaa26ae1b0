"""Domains whose mail passes a gateway or forwarder on its way to mailboxes elsewhere.

Truth says where the mailboxes are, and what the DNS tells of that:

clear       DKIM, autodiscover, token and SPF of who keeps them, as far as set up
spf_only    SPF alone
token_only  a verification token alone
stale       the same as clear, with signals of an earlier provider beside them
dns_host    DKIM, and the include and autodiscover that a hoster of DNS adds by itself
backup_mx   a less preferred exchange of who keeps them
wildcard    SPF; every other name leads to a web server
marketing   DKIM and SPF of who sends newsletters, nothing of the mailboxes
none        nothing: nobody can know
"""

from collections.abc import Callable
from typing import NamedTuple

from scripts.world.deployment import Deployment
from scripts.world.keepers import OWN, SMALL, Customer, Keeper, keeper
from scripts.world.market import Maker, Market, Settled, truth_of_customer
from scripts.world.providers import Role, Sender, catalogue
from scripts.world.signals import Signals

_BEHIND_GATEWAY = {
    "microsoft": 53, "google": 15, "zoho": 4, "rackspace": 3, "intermedia": 3, "ionos": 1, "ovh": 1,
    SMALL: 5, OWN: 15,
}  # fmt: skip
"""Who keeps the mailboxes, in percent."""
_BEHIND_FORWARDER = {"google": 65, "microsoft": 20, "yandex": 5, "zoho": 5, SMALL: 5}
_SIGNING = {"microsoft": 70, "google": 20, "zoho": 5, "fastmail": 5}
"""Who has its customers sign, with keys that lead back to it."""
_VERIFYING = {"microsoft": 70, "google": 20, "zoho": 10}
"""Who has its customers publish a token."""
_FORWARDERS = ("improvmx", "cloudflare", "namecheap-forwarding")
_EARLIER = ("google", "microsoft", "zoho", "yandex", "godaddy", "fastmail", "rackspace")
_DNS_HOSTS = ("godaddy", "hostinger", "ionos", "strato", "ovh", "locaweb")
_LAST = 90
"""Preference of an exchange that is never tried first."""


class _Case(NamedTuple):
    """One domain that is being arranged."""

    market: Market
    domain: str
    keeper: Keeper
    signals: Signals

    def happens(self, chance: float) -> bool:
        """A lot is drawn."""
        return self.market.random.random() < chance


def _clear(case: _Case) -> str:
    case.keeper.publish(case.signals)
    return case.keeper.spf() if case.signals.empty or case.happens(0.85) else ""


def _spf_only(case: _Case) -> str:
    return case.keeper.spf()


def _token_only(case: _Case) -> str:
    case.keeper.verify(case.signals)
    return ""


def _stale(case: _Case) -> str:
    case.keeper.publish(case.signals)
    stale = leftovers(case.market, case.domain, case.signals, case.keeper.id)
    return f"{stale} {case.keeper.spf()}"


def _dns_host(case: _Case) -> str:
    case.keeper.sign(case.signals)
    host = _customer(case.market, case.domain, _DNS_HOSTS, case.keeper.id)
    if case.happens(0.5):
        host.discover(case.signals)
    return f"{host.spf()} {case.keeper.spf() if case.happens(0.5) else ''}"


def _backup_mx(case: _Case) -> str:
    case.market.builder.record(case.domain, "MX", f"{_LAST} {case.keeper.exchange()}")
    return case.keeper.spf() if case.happens(0.5) else ""


def _wildcard(case: _Case) -> str:
    web = f"www.{case.domain}"
    case.market.builder.record(web, "A", case.market.random.choice(case.market.web))
    case.signals.of_wildcard(web)
    return case.keeper.spf()


def _marketing(case: _Case) -> str:
    return newsletters(case.market, case.signals)


def _none(_: _Case) -> str:
    return ""


_TELL: dict[str, Callable[[_Case], str]] = {
    "clear": _clear,
    "spf_only": _spf_only,
    "token_only": _token_only,
    "stale": _stale,
    "dns_host": _dns_host,
    "backup_mx": _backup_mx,
    "wildcard": _wildcard,
    "marketing": _marketing,
    "none": _none,
}
"""By what the DNS tells: publishes it; SPF terms beside those of the gateway."""
_GATEWAY_SHARES = {
    "clear": 52, "spf_only": 8, "token_only": 3, "stale": 9, "dns_host": 6, "backup_mx": 6,
    "wildcard": 2, "marketing": 4, "none": 10,
}  # fmt: skip
_FORWARDER_SHARES = {"clear": 25, "spf_only": 35, "token_only": 5, "none": 35}


def behind_gateway(market: Market, domain: str, gateway: Deployment) -> Settled:
    """A customer of a gateway."""
    tells = _draw(market, _GATEWAY_SHARES)
    return _arranged(market, domain, gateway, tells, _behind(market, tells))


def behind_forwarder(market: Market, domain: str, forwarder: Deployment) -> Settled:
    """A customer of a forwarder; most forward to what they read anyway."""
    tells = _draw(market, _FORWARDER_SHARES)
    behind = _behind(market, tells, _BEHIND_FORWARDER)
    return _arranged(market, domain, forwarder, tells, behind)


def gatewayed(kind: str, tells: str, *behind: str) -> Maker:
    """A kind of domains behind some gateway, of which the DNS tells that much."""

    def settle(market: Market, domain: str) -> Settled:
        name = market.random.choice(behind) if behind else _behind(market, tells)
        settled = _arranged(market, domain, market.pick(Role.GATEWAY), tells, name)
        return settled._replace(truth=settled.truth._replace(archetype=kind))

    return settle


def forwarded(market: Market, domain: str) -> Settled:
    """Behind one of the forwarders."""
    deployment = market.deployment(market.random.choice(_FORWARDERS))
    settled = behind_forwarder(market, domain, deployment)
    return settled._replace(truth=settled.truth._replace(archetype="forwarded"))


def leftovers(market: Market, domain: str, signals: Signals, today: str) -> str:
    """What an earlier provider than today's (its id) left behind; SPF terms."""
    earlier = _customer(market, domain, _EARLIER, today)
    random = market.random
    verified = earlier.verify(signals)
    if random.random() < 0.5:  # a key goes with the account, its alias stays
        earlier.sign(signals, keys=random.random() < 0.5)
    if random.random() < 0.1:
        earlier.discover(signals)
    return earlier.spf() if not verified or random.random() < 0.5 else ""


def newsletters(market: Market, signals: Signals) -> str:
    """Somebody who sends in the domain's name; SPF terms."""
    signing: list[Sender] = [sender for sender in catalogue().senders if sender.dkim]
    sender = market.random.choice(signing)
    for name, text in sender.txt.items():
        market.builder.publish(name, "TXT", text)
    signals.of_sender(sender, chance=1)
    return f"include:{sender.include}"


def _arranged(market: Market, domain: str, front: Deployment, tells: str, behind: str) -> Settled:
    fields = front.customer(domain)
    for record in front.exchanges(fields):
        market.builder.record(domain, "MX", record)
    case = _Case(market, domain, keeper(market, domain, behind), Signals(market.builder, domain))
    terms = f"{_TELL[tells](case)} {front.policy(fields)}".strip()
    case.signals.of(front, fields)  # gateways sign what goes out, and have domains verified
    truth = truth_of_customer(domain, front.provider, trap=front.provider.role)
    truth = truth._replace(
        mailbox_company=case.keeper.company, mailbox_id=case.keeper.id, signals=tells
    )
    return Settled(truth, terms, signals=case.signals, sends=True)


def _behind(market: Market, tells: str, usual: dict[str, int] = _BEHIND_GATEWAY) -> str:
    """Who keeps the mailboxes, where it must be someone who can tell so much."""
    able = {"dns_host": _SIGNING, "token_only": _VERIFYING}
    return _draw(market, able.get(tells, usual))


def _customer(market: Market, domain: str, names: tuple[str, ...], other_than: str) -> Customer:
    """A customer of one of them, who is not the one with that id."""
    offers = [market.deployment(name) for name in names]
    others = [offer for offer in offers if offer.provider.id != other_than]
    return Customer(market.random.choice(others), domain)


def _draw(market: Market, shares: dict[str, int]) -> str:
    return market.random.choices(list(shares), list(shares.values()))[0]
