"""What a domain publishes that tells of its mailboxes: DKIM, autodiscover, tokens.

The names of one domain are its own, and the first record at a name stays: an alias stands alone.
"""

from base64 import b64encode
from random import Random

from scripts.world.builder import Builder
from scripts.world.deployment import Deployment
from scripts.world.providers import Sender, customer_fields

_DKIM, _AUTODISCOVER, _TOKEN = 0.65, 0.75, 0.6
"""How many of a provider's customers set each of them up; estimates."""
_SENDER_DKIM = 0.6
_OWN_SELECTORS = ("default", "mail", "dkim", "k2024", "s2024")


class Signals:
    """Of one domain."""

    def __init__(self, builder: Builder, domain: str) -> None:
        self._builder = builder
        self._random = builder.random
        self._domain = domain
        self._names: set[str] = set()

    def of(
        self,
        deployment: Deployment,
        fields: dict[str, str],
        *,
        dkim: float = _DKIM,
        autodiscover: float = _AUTODISCOVER,
        token: float = _TOKEN,
    ) -> None:
        """What a customer of a provider publishes, each with its chance."""
        if self._random.random() < dkim:
            self.sign(deployment, fields)
        if self._random.random() < autodiscover:
            self.discover(deployment)
        if self._random.random() < token:
            self.verify(deployment, fields)

    def sign(self, deployment: Deployment, fields: dict[str, str], *, keys: bool = True) -> None:
        """DKIM: aliases for the provider's keys, or keys that it has the customer publish.

        Without ``keys`` it has no key for the domain where its aliases lead.
        """
        provider = deployment.provider
        for number, (selector, template) in enumerate(provider.dkim.items()):
            # The second key of a pair is published when the first is to be changed.
            self._alias(selector, template, fields, has_key=keys and number == 0)
        for selector in provider.keys:
            self._key(selector)

    def discover(self, deployment: Deployment) -> None:
        """Autodiscover: an alias or an SRV record, by the provider's instructions."""
        alias, service = deployment.autodiscover()
        if alias:
            self._add(f"autodiscover.{self._domain}", "CNAME", alias)
        if service:
            self._add(f"_autodiscover._tcp.{self._domain}", "SRV", f"0 0 443 {service}")

    def verify(self, deployment: Deployment, fields: dict[str, str]) -> None:
        """A token that shows the provider who owns the domain."""
        for token in deployment.provider.tokens:
            self._builder.record(self._domain, "TXT", token.format_map(fields))

    def of_sender(self, sender: Sender, chance: float = _SENDER_DKIM) -> None:
        """Keys of a service that sends in the domain's name and keeps no mailboxes."""
        if self._random.random() < chance:
            fields = customer_fields(self._domain, self._random)
            for selector, template in sender.dkim.items():
                self._alias(selector, template, fields, has_key=True)
            for selector in sender.keys:
                self._key(selector)

    @property
    def empty(self) -> bool:
        """Whether there is none yet; tokens do not count."""
        return not self._names

    def of_own(self, host: str, address: str) -> None:
        """What who runs a server of its own publishes: its own names and keys, no one else's."""
        lot = self._random.random()
        if lot < 0.5:
            self._add(f"autodiscover.{self._domain}", "A", address)
        elif lot < 0.7:
            self._add(f"_autodiscover._tcp.{self._domain}", "SRV", f"0 0 443 {host}")
        if self._random.random() < 0.5:
            self._key(self._random.choice(_OWN_SELECTORS))

    def of_wildcard(self, target: str) -> None:
        """Every name that is not there leads to a web server."""
        self._add(f"*.{self._domain}", "CNAME", target)

    def _alias(
        self, selector: str, template: str, fields: dict[str, str], *, has_key: bool
    ) -> None:
        target = template.format_map(fields)
        added = self._add(f"{selector}._domainkey.{self._domain}", "CNAME", target)
        if not added or not has_key:
            return
        if target == template:  # of all customers
            self._builder.publish(target, "TXT", _key_text(self._builder.shared_random))
        else:
            self._builder.record(target, "TXT", _key_text(self._random))

    def _key(self, selector: str) -> None:
        name = f"{selector}._domainkey.{self._domain}"
        self._add(name, "TXT", _key_text(self._random))

    def _add(self, name: str, kind: str, data: str) -> bool:
        """Add the only record of a name; False if there is one."""
        if name in self._names:
            return False
        self._names.add(name)
        self._builder.record(name, kind, data)
        return True


def _key_text(random: Random) -> str:
    """A key of RFC 8463; any 32 bytes are one, and it is short."""
    return f"v=DKIM1; k=ed25519; p={b64encode(random.randbytes(32)).decode()}"
