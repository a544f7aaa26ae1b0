"""How a run is labelled: all that a label depends on beside the crawl.

Every source and every rule can be left out, and the threshold set, to see what each is worth.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from certs.registered import suffix_list_sha256
from schemas.mx_providers import Source
from stages.inference.providers.companies import CompanyMap
from stages.inference.providers.rules import POPULAR, RULES, RULES_VERSION


class MethodError(ValueError):
    """A method that cannot be; says why, in one line."""


@dataclass(frozen=True, kw_only=True)
class Method:
    """Sources and rules to use, and with what."""

    companies: CompanyMap
    port: int
    """Of smtp the rows of this port count."""
    ehlo_name: str | None
    """How the prober introduced itself; null if it did not."""
    sources: tuple[Source, ...] = tuple(Source)
    """Sources of ids, in order of priority."""
    rules: tuple[str, ...] = tuple(rule.id for rule in RULES)
    """Rules that may cast doubt, by id, in the order of ``RULES``."""
    popular: int = POPULAR
    """Confidence from which on no rule casts doubt."""

    def less(self, without: Iterable[str], popular: int | None = None) -> Self:
        """The method without the sources and rules named; ``MethodError`` if a name is neither."""
        left_out = set(without)
        names = [*map(str, self.sources), *self.rules]
        if unknown := sorted(left_out.difference(names)):
            known = ", ".join(names)
            raise MethodError(f"{unknown[0]!r} is neither a source nor a rule: {known}")
        if popular is not None and popular < 0:
            raise MethodError(f"a threshold of {popular} is below any confidence")
        return type(self)(
            companies=self.companies,
            port=self.port,
            ehlo_name=self.ehlo_name,
            sources=tuple(source for source in self.sources if source not in left_out),
            rules=tuple(rule for rule in self.rules if rule not in left_out),
            popular=self.popular if popular is None else popular,
        )

    @property
    def version(self) -> str:
        """Rules, company map, Public Suffix List; then what differs from the usual method.

        ``2-3f1c…-9ab0…`` and, say, ``-without:tls,vps_banner-popular:3`` after it.
        """
        everything = [*map(str, Source), *(rule.id for rule in RULES)]
        used = {*map(str, self.sources), *self.rules}
        left_out = ",".join(name for name in everything if name not in used)
        parts = [str(RULES_VERSION), self.companies.version, suffix_list_sha256()[:12]]
        parts += [f"without:{left_out}"] if left_out else []
        parts += [f"popular:{self.popular}"] if self.popular != POPULAR else []
        return "-".join(parts)

    @property
    def metadata(self) -> dict[str, str]:
        """What a table made by it says of itself, as file metadata."""
        return {
            "mailcensus.rules_version": self.version,
            "mailcensus.sources": ",".join(self.sources),
            "mailcensus.rules": ",".join(self.rules),
            "mailcensus.popular": str(self.popular),
        }
