"""How the blacklist is published: a TOML file, one frozen object; unknown keys are errors."""

import re
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import ConfigError
from schemas.snowshoe_scores import Tier
from stages.blacklist.suspects import RANKED, Thresholds
from stages.seeds.entry import Rejected
from stages.seeds.name import domain as seed_name

_RANK = re.compile(r"^[0-9]+\s*,\s*")

Probability = Annotated[float, Field(gt=0, le=1)]


class Tiers(BaseModel):
    """Least probability of each tier; without any, the tiers are the model's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: Probability | None = None
    medium: Probability | None = None
    high: Probability | None = None


class Policy(BaseModel):
    """What is published, for how long, and what is never."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tiers: Tiers = Tiers()
    publish_from: Tier = Tier.MEDIUM
    """The least sure tier that is published."""
    reject_from: Tier = Tier.HIGH
    """The least sure tier that clients are told to reject; below it they note."""
    expire_days: int = Field(default=14, ge=0)
    """Days after the last run that found a domain, after which it is dropped."""
    popular_rank: int = Field(default=100_000, ge=0)
    """Up to this rank in any seed list of the run a domain is never listed; 0 for none."""
    shared_domains: int = Field(default=1000, ge=1)
    """A domain whose SPF record or mail hosts so many other domains use is never listed."""
    largest_jump: float = Field(default=0.5, gt=0)
    """Change of the number of listed domains, as a part, beyond which nothing is published."""
    valid_days: int = Field(default=3, ge=1)
    """Servers stop answering with an edition after so many days."""
    keep: int = Field(default=7, ge=2)
    """Editions that stay for a rollback."""
    ttl: int = Field(default=300, ge=1)
    """Seconds."""
    nameservers: tuple[str, ...] = ()
    """Of the zone; ns.ZONE by default."""
    contact: str | None = None
    """Mailbox of the SOA, as a domain name; hostmaster.ZONE by default."""
    info_url: str | None = Field(default=None, max_length=120, pattern=r"^[\x21-\x7e]+$")
    """Where a listing is explained; `$` stands for the domain."""

    @property
    def thresholds(self) -> Thresholds:
        """The tiers' limits."""
        return Thresholds(self.tiers.low, self.tiers.medium, self.tiers.high)


def load_policy(path: Path | None) -> Policy:
    """The policy of a file, or the usual one; ConfigError in one line for each thing wrong."""
    if path is None:
        return Policy()
    try:
        policy = Policy.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()
        )
        raise ConfigError(f"{path}: {wrong}") from error
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from error
    _check(policy, path)
    return policy


def _check(policy: Policy, path: Path) -> None:
    limits = [limit for limit in policy.thresholds if limit is not None]
    if limits != sorted(limits):
        raise ConfigError(f"{path}: tiers.low, medium and high must rise")
    for name in ("publish_from", "reject_from"):
        if getattr(policy, name) not in RANKED:
            raise ConfigError(f"{path}: {name} is one of {', '.join(RANKED)}")
    for name in (*policy.nameservers, *filter(None, (policy.contact,))):
        name_of(name)


def name_of(text: str) -> str:
    """A domain name as lists have it; ConfigError if it is none."""
    try:
        return seed_name(text.strip(), exact=True)
    except Rejected as error:
        raise ConfigError(f"{text!r} is no domain: {error.reason}") from error


def read_allowlist(path: Path) -> set[str]:
    """Names of a file, one a line, `#` begins a comment; ConfigError for a line that is none.

    A rank and a comma may stand before the name, as in top lists. A line that cannot be read must
    not be skipped: somebody relies on it.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read allowlist {path}: {error}") from error
    bare = (line.partition("#")[0].strip() for line in lines)
    names = (_RANK.sub("", name).removeprefix("*.") for name in bare if name)
    return set(map(name_of, names))
