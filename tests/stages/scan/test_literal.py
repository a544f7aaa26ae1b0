from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.scan.literal import LONGEST, ScanError, literal

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_python_writes_is_read(value: object) -> None:
    assert literal(repr(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "open('/etc/passwd')",
        "[x for x in (1, 2)]",
        "{'a': exit()}",
        "{[]: 1}",
        "{'a': 1",
        "'\x00'",
        "",
        "nan",
        "'\\N{no such name}'",
        "9" * 5000,
        "[" * 100_000,
        "-" * 100_000 + "1",
        "1" + "+1" * 100_000,
        "{1:" * 100_000,
        "'" + "x" * LONGEST + "'",
    ],
)
def test_all_else_is_refused_and_nothing_run(text: str) -> None:
    with pytest.raises(ScanError):
        literal(text)


def test_an_escape_that_means_nothing_is_no_error() -> None:
    assert literal(r"'220 \d'") == r"220 \d"


@given(st.text(alphabet="{}[]()'\"\\:,.abN0123456789+-*~ \n") | st.text())
def test_any_text_gives_a_value_or_the_error(text: str) -> None:
    with suppress(ScanError):
        literal(text)
