import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.spf.macro import Escape, Macro, MacroError, Part, parse


def _macro(
    letter: str,
    *,
    digits: int | None = None,
    reverse: bool = False,
    delimiters: str = ".",
    escape: bool = False,
) -> Macro:
    return Macro(letter, digits, reverse, delimiters, escape)


def _written(part: Part) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Escape):
        return {Escape.PERCENT: "%%", Escape.SPACE: "%_", Escape.URL_SPACE: "%-"}[part]
    letter = part.letter.upper() if part.escape else part.letter
    return f"%{{{letter}{part.digits or ''}{'r' * part.reverse}{part.delimiters}}}"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("example.com", ("example.com",)),
        ("%{d}", (_macro("d"),)),
        ("%{D2}", (_macro("d", digits=2, escape=True),)),
        ("%{ir}.x", (_macro("i", reverse=True), ".x")),
        ("%{l1R+-}", (_macro("l", digits=1, reverse=True, delimiters="+-"),)),
        ("%{d02}", (_macro("d", digits=2),)),
        ("a%%b%_%-", ("a", Escape.PERCENT, "b", Escape.SPACE, Escape.URL_SPACE)),
        ("{d}$&~!", ("{d}$&~!",)),
        ("%{t}%{c}", (_macro("t"), _macro("c"))),
    ],
)
def test_parts(text: str, parts: tuple[object, ...]) -> None:
    assert parse(text).parts == parts


@pytest.mark.parametrize(
    "text",
    [
        "%",
        "%a",
        "a%(ir)",
        "%{}",
        "%{d",
        "%{x}",
        "%{d0}",
        "%{d00}",
        "%{dr2}",
        "%{d;}",
        "%{drr}",
        "a b",
        "a\tb",
        "ä",
        "%{\u017f}",
        "a\x7f",
        "a\n",
    ],
)
def test_no_macro_string(text: str) -> None:
    with pytest.raises(MacroError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "is_domain_spec"),
    [
        ("", False),
        ("com", False),
        ("com.", False),
        (".com", True),
        ("example.com.", True),
        ("example.com..", False),
        ("example.123", False),
        ("example.12-3", True),
        ("example.-com", False),
        ("example.com-", False),
        ("example.c", True),
        ("example.com:25", False),
        ("foo:bar/baz.example.com", True),
        ("a..b", True),
        ("%{d}", True),
        ("%{d}.", False),
        ("%{d}com", False),
        ("x.%{d}com", False),
        ("%{i}._spf.%{d2}", True),
        ("foo%%", True),
        ("foo.}", False),
        ("_x.ex_ample", False),
    ],
)
def test_domain_spec_ends_in_macro_or_toplabel(text: str, is_domain_spec: bool) -> None:  # noqa: FBT001
    assert parse(text).is_domain_spec is is_domain_spec


def test_static_text() -> None:
    assert parse("a%%b%_c%-").static == "a%b c%20"
    assert parse("").static == ""
    assert parse("a.%{d}").static is None


def test_huge_digits_are_no_bug() -> None:
    (macro,) = parse("%{d" + "9" * 10_000 + "}").macros
    assert macro.digits is not None
    assert macro.digits > 127


_PIECES = st.sampled_from(
    ["%{", "}", "%%", "%_", "%-", "%", "s", "L", "d", "r", "0", "17", ".", "-", "+", "com", "x"]
)


@given(st.one_of(st.text(), st.lists(_PIECES).map("".join)))
def test_any_text_is_a_macro_string_or_a_macro_error(text: str) -> None:
    try:
        macro_string = parse(text)
    except MacroError:
        return
    written = "".join(_written(part) for part in macro_string.parts)
    assert parse(written).parts == macro_string.parts
    if "%{" not in text:
        assert written == text
