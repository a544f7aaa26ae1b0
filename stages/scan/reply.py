"""SMTP replies as scanners write them down: the code on every line, or on the first alone."""

import re

from stages.smtp.reply import Reply

_CODE = re.compile(r"([1-5]\d\d)(?:[-\s]|$)", re.ASCII)


def reply_of(text: str | None) -> Reply | None:
    r"""The reply of a text; None without one or without a code.

    >>> reply_of("250 mx.example.net hello\nSIZE 1000").texts
    ('mx.example.net hello', 'SIZE 1000')
    """
    first = _CODE.match(text) if text else None
    if text is None or first is None:
        return None
    code = first[1]
    lines = [re.sub(rf"^{code}(?:[-\s]|$)", "", line) for line in text.splitlines()]
    return Reply(int(code), tuple(line.encode(errors="backslashreplace") for line in lines))
