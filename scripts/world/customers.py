"""Domains whose mail a provider runs: by its names, by names of their own, behind gateways."""

from scripts.world.deployment import Deployment
from scripts.world.gateways import behind_forwarder, behind_gateway, leftovers, newsletters
from scripts.world.market import Market, Settled, truth_of_customer, truth_of_own
from scripts.world.model import Truth
from scripts.world.providers import Role
from scripts.world.selfhosts import ORDINARY
from scripts.world.sharing import HOSTER
from scripts.world.signals import Signals


def plain(market: Market, domain: str, deployment: Deployment) -> Settled:
    """MX records as the provider tells its customers."""
    provider = deployment.provider
    if provider.role is Role.GATEWAY:
        return behind_gateway(market, domain, deployment)
    if provider.role is Role.FORWARDER and provider.spf:  # who only parks domains wants none
        return behind_forwarder(market, domain, deployment)
    fields = _exchange(market, domain, deployment)
    signals = Signals(market.builder, domain)
    signals.of(deployment, fields)
    hosted = provider.role is Role.HOSTING
    truth = truth_of_customer(domain, provider)
    return Settled(truth, deployment.policy(fields), apex=hosted, signals=signals)


def moved(market: Market, domain: str) -> Settled:
    """A customer whose earlier provider has left traces."""
    settled = plain(market, domain, market.pick(Role.MAILBOX))
    assert settled.signals is not None
    assert settled.truth.operator_id is not None
    stale = leftovers(market, domain, settled.signals, settled.truth.operator_id)
    truth = settled.truth._replace(archetype="moved", trap="stale_signals")
    return settled._replace(truth=truth, spf=f"{stale} {settled.spf}".strip())


def marketing(market: Market, domain: str) -> Settled:
    """A server of its own, and newsletters sent and signed by somebody else."""
    settled = ORDINARY.settle(market, domain)
    assert settled.signals is not None
    truth = settled.truth._replace(archetype="marketing_dkim", trap="marketing_dkim")
    terms = f"mx {newsletters(market, settled.signals)}"
    return settled._replace(truth=truth, spf=terms, sends=True)


def vanity(market: Market, domain: str) -> Settled:
    """A name of the customer's own that leads to the provider, by CNAME or by address."""
    deployment = market.pick(Role.MAILBOX)
    fields = deployment.customer(domain)
    target = deployment.exchanges(fields)[0].split()[1]
    host = f"{market.random.choice(('mail', 'mx', 'mx1', 'mailhost', 'smtp'))}.{domain}"
    market.builder.record(domain, "MX", f"10 {host}")
    # Some providers name their exchange after the customer themselves: no alias to itself.
    if target != host and market.random.random() < 0.5:
        market.builder.record(host, "CNAME", target)
    else:
        for address in deployment.addresses[:2]:
            market.builder.record(host, "A", address)
    truth = truth_of_customer(domain, deployment.provider, "vanity_mx", "vanity_mx")
    signals = Signals(market.builder, domain)
    signals.of(deployment, fields)
    return Settled(truth, deployment.policy(fields), signals=signals)


def small_provider(market: Market, domain: str) -> Settled:
    """A customer of one of the long tail of small providers."""
    return plain(market, domain, market.small())


def renting_provider(market: Market, domain: str) -> Settled:
    """A customer of a small provider whose servers greet in the name of who rents them out."""
    return plain(market, domain, market.renting())


def shared_certificate(market: Market, domain: str) -> Settled:
    """A hosted customer whose name stands beside many in one certificate."""
    host = f"mail.{domain}"
    market.builder.record(domain, "MX", f"10 {host}")
    market.builder.record(host, "A", market.shared.join(host))
    kind = "shared_certificate"
    truth = Truth(domain, kind, live=True, operator_id=HOSTER, mailbox_id=HOSTER, trap=kind)
    return Settled(truth, "a mx")


def split(market: Market, domain: str) -> Settled:
    """Two providers with equal preference: each operates half (IMC'21 counts fractions)."""
    first, second = market.deployment("google"), market.deployment("mimecast-eu")
    for deployment in (first, second):
        host = deployment.exchanges(deployment.customer(domain))[0].split()[1]
        market.builder.record(domain, "MX", f"10 {host}")
    truth = truth_of_customer(domain, first.provider, "split_mx", "split_mx")
    terms = " ".join(d.policy(d.customer(domain)) for d in (first, second))
    return Settled(truth._replace(second_operator_id=second.provider.id), terms)


def backup(market: Market, domain: str) -> Settled:
    """A server of its own, and a provider's as backup: the lower preference decides."""
    host = f"mail.{domain}"
    builder = market.builder
    builder.record(domain, "MX", f"10 {host}")
    builder.record(host, "A", ORDINARY.install(market, domain, host))
    deployment = market.pick(Role.FORWARDER)
    second = deployment.exchanges(deployment.customer(domain))[0].split()[1]
    builder.record(domain, "MX", f"50 {second}")
    truth = truth_of_own(domain, "backup_mx", trap="backup_mx")
    return Settled(truth, "mx")


def dead_primary(market: Market, domain: str) -> Settled:
    """The most preferred exchange refuses, a provider's backup takes the mail."""
    builder = market.builder
    builder.record(domain, "MX", f"5 mail.{domain}")
    builder.record(f"mail.{domain}", "A", market.random.choice(market.web))
    deployment = market.pick(Role.FORWARDER)
    second = deployment.exchanges(deployment.customer(domain))[0].split()[1]
    builder.record(domain, "MX", f"20 {second}")
    truth = truth_of_customer(domain, deployment.provider, "dead_primary", "dead_primary")
    return Settled(truth._replace(live=False), "mx")


def _exchange(market: Market, domain: str, deployment: Deployment) -> dict[str, str]:
    """Publish the MX set a provider gives the domain; what its templates are filled with."""
    fields = deployment.customer(domain)
    for record in deployment.exchanges(fields):
        market.builder.record(domain, "MX", record)
    return fields
