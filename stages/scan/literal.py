"""A Python literal from a file of somebody else's: read within bounds, never evaluated."""

import ast
import warnings

LONGEST = 1 << 20
"""Characters; the longest reply and certificate that a probe takes fit ten times."""


class ScanError(ValueError):
    """What stands in a scan is not of its format; the message says what, in one line."""


def literal(text: str) -> object:
    """The value of a literal of strings, numbers, containers; ScanError for all else.

    Python's parser bounds the nesting itself: too deep is an error of its own.
    """
    if len(text) > LONGEST:
        raise ScanError(f"scanning data longer than {LONGEST:,} characters")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes that mean nothing, which stay as they are
        try:
            return ast.literal_eval(text)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            raise ScanError("scanning data are no Python literal") from None
