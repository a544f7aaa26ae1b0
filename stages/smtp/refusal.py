"""Why a server turns us away: whether a 4yz or 5yz reply is about our own address.

A refusal that is about us (listed, banned, over a limit set for us) would befall no other client:
it says nothing of the server, and to go on asking makes it worse. One that any client would get
(busy, too many connections in all, no mail service here) is an ordinary 4yz or 5yz.
"""

import enum
import re

from stages.smtp.reply import Reply

_TELLING = 2048
"""Characters of a refusal that are looked at."""


class Block(enum.StrEnum):
    """What a server holds against our address."""

    LISTED = "listed"  # it is on a blocklist, or its reputation is poor
    BANNED = "banned"  # it is denied by name or by policy
    LIMITED = "limited"  # it, and not clients in general, connects too often


def block(reply: Reply) -> Block | None:
    """What a refusal holds against our address; None if it is not about our address."""
    if not reply.negative:
        return None
    text = " ".join(reply.texts)[:_TELLING]
    return next((kind for kind, pattern in _PATTERNS if pattern.search(text)), None)


_TABLE: tuple[tuple[Block, str], ...] = (
    # Limits first: "blocked: too many connections from your address" will pass.
    (Block.LIMITED, r"too many (\w+ ){0,3}(from|by|for) (your|you\b|this|the same|\S*\d)"),
    (Block.LIMITED, r"\b(ip|client|host|your) (\S+ )?(rate|frequency|connections?)( \w+)? limit"),
    (Block.LIMITED, r"\b(rate|frequency) limited\b|\bthrottled\b"),
    (Block.LIMITED, r"\bexceed(s|ed|ing)? (\w+ ){0,4}(rate|limit)"),
    (Block.LIMITED, r"\b(your|unusual) (\w+ )?rate\b|\bslow(ing)? down\b|\b(too fast|too often)\b"),
    (Block.LIMITED, r"\byour (\w+ ){1,3}(is|are) (sending|generating|flooding)\b"),
    # On a list: by the list's name, or by what such lists are called
    (Block.LISTED, r"spamhaus|spamcop|barracuda(central| reputation)|\bsorbs\b|abuseat|uceprotect"),
    (Block.LISTED, r"mailspike|invaluement|trustedsource|sender(score|base)|talosintelligence"),
    (Block.LISTED, r"cloudmark|ipcheck\.proofpoint|mail-abuse|spamrats|\bpsbl\b|vade threat list"),
    (Block.LISTED, r"\b(dns|r|ip|s)?bls?\b|\bblackhole"),
    (Block.LISTED, r"\b(black|block|deny|reject|spam)[ -]?list(s|ed|ing)?\b"),
    (Block.LISTED, r"\b(ip|address|host|client) (\S+ )?(is |was |has been )?(currently )?listed\b"),
    (Block.LISTED, r"\breputation\b|\bbad ip\b|\bfor spam(ming)?\b"),
    (Block.LISTED, r"\[(BL|IPB?|TSS|PH)\d+\]|\(RTR:BL\)|\(S31[0-9]{2}\)"),  # Yahoo, AOL, Outlook
    # Denied as such
    (Block.BANNED, r"\bbanned\b|intrusion prevention|\b5\.7\.(511|60[5-9])\b"),
    (Block.BANNED, r"\byou(r\b.{0,60}| are| have been) (\w+ )?(blocked|denied|refused|rejected)\b"),
    (Block.BANNED, r"\b(ip|address|host|client)\b.{0,60} (blocked|denied|refused|bloque)"),
    (Block.BANNED, r"\b(accept|allow|block|den[iy]|refus|reject)\w* .{0,40}\byour\b"),
    (Block.BANNED, r"\byou (are not|aren't) (allowed|welcome|permitted|authori[sz]ed)\b"),
    (Block.BANNED, r"\bconnections? .{0,20}not (be )?accepted from\b"),
    (Block.BANNED, r"\b(dynamic|residential|dial-?up|generic) (\w+ )?(ip|address|host|pool)"),
    (Block.BANNED, r"\bIP=\d"),  # T-Online names the address and no reason
)
"""Kind and what says so; the first row that fits counts."""

_PATTERNS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _TABLE)
