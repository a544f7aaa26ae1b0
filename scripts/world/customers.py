"""Domains whose mail a provider runs: by its names, by names of their own, behind gateways."""

from scripts.world.deployment import Deployment
from scripts.world.market import Market, Settled, truth_of_customer, truth_of_own
from scripts.world.model import Truth
from scripts.world.providers import Role
from scripts.world.selfhosts import ORDINARY
from scripts.world.sharing import HOSTER

_BEHIND = {"microsoft": 70, "google": 15, "": 15}
"""Who has the mailboxes behind a gateway, in percent; "" is a server of the customer's own."""


def plain(market: Market, domain: str, deployment: Deployment) -> Settled:
    """MX records as the provider tells its customers."""
    if deployment.provider.role is Role.GATEWAY:
        return behind_gateway(market, domain, deployment)
    fields = _exchange(market, domain, deployment)
    deployment.accounts(fields)
    hosted = deployment.provider.role is Role.HOSTING
    truth = truth_of_customer(domain, deployment.provider)
    return Settled(truth, deployment.policy(fields), apex=hosted)


def behind_gateway(market: Market, domain: str, gateway: Deployment) -> Settled:
    """MX at a gateway; SPF, DKIM and autodiscover tell where the mailboxes are."""
    fields = _exchange(market, domain, gateway)
    truth = truth_of_customer(domain, gateway.provider, trap="gateway")
    behind = market.random.choices(list(_BEHIND), list(_BEHIND.values()))[0]
    if not behind:
        return Settled(truth, f"mx {gateway.policy(fields)}")
    mailboxes = market.deployment(behind)
    account = mailboxes.customer(domain)
    mailboxes.accounts(account)
    terms = f"{mailboxes.policy(account)} {gateway.policy(fields)}"
    return Settled(truth._replace(mailbox_company=mailboxes.provider.company), terms)


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
    return Settled(truth, deployment.policy(fields))


def small_provider(market: Market, domain: str) -> Settled:
    """A customer of one of the long tail of small providers."""
    return plain(market, domain, market.small())


def shared_certificate(market: Market, domain: str) -> Settled:
    """A hosted customer whose name stands beside many in one certificate."""
    host = f"mail.{domain}"
    market.builder.record(domain, "MX", f"10 {host}")
    market.builder.record(host, "A", market.shared.join(host))
    kind = "shared_certificate"
    return Settled(Truth(domain, kind, live=True, operator_id=HOSTER, trap=kind), "a mx")


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
