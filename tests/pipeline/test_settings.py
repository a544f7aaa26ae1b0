import re
from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.settings import Settings, load, server


def toml(folder: Path, text: str) -> Path:
    path = folder / "mailcensus.toml"
    path.write_text(text)
    return path


def test_flags_beat_the_environment_beats_the_file_beats_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = toml(tmp_path, "smtp_port = 1\ndns_attempts = 1\nsmtp_in_flight = 1\n")
    monkeypatch.setenv("MAILCENSUS_SMTP_PORT", "2")
    monkeypatch.setenv("MAILCENSUS_DNS_ATTEMPTS", "2")
    monkeypatch.setenv("MAILCENSUS_NAMESERVERS", "127.0.0.1,127.0.0.2:5353")

    settings = load(config, {"smtp_port": 3, "exact": None})

    assert settings.smtp_port == 3
    assert settings.dns_attempts == 2
    assert settings.smtp_in_flight == 1
    assert settings.nameservers == ("127.0.0.1", "127.0.0.2:5353")
    assert settings.exact is False


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colour = 1", "unknown setting 'colour'"),
        ("smtp_port = 70000", "setting 'smtp_port'"),
        ("smtp_port = 'x'", "setting 'smtp_port'"),
        ("nameservers = ['resolver.example.net']", "setting 'nameservers.0'"),
        ("plan = 'everything'", "setting 'plan'"),
        ("dkim_selectors = ['a', 'b', 'a']", "setting 'dkim_selectors'"),
        ("dkim_selectors = ['a.b']", "setting 'dkim_selectors.0'"),
        (f"dkim_selectors = {[f's{n}' for n in range(33)]}", "setting 'dkim_selectors'"),
        ("smtp_port = ", "config .*mailcensus.toml"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        load(toml(tmp_path, text), {})
    assert "\n" not in str(caught.value)


def test_an_unknown_variable_of_ours_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILCENSUS_SMTP_PROT", "25")
    with pytest.raises(ConfigError, match="unknown setting 'smtp_prot'"):
        load(None, {})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        load(tmp_path / "nowhere.toml", {})


def test_the_limits_in_the_documentation_are_current() -> None:
    page = Path(__file__).parents[2] / "docs" / "operating.md"
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == 17
    assert rows == [(name, format(getattr(Settings(), name), "g")) for name, _ in rows]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1", ("127.0.0.1", 53)),
        ("127.0.0.1:5300", ("127.0.0.1", 5300)),
        ("[::1]:5300", ("::1", 5300)),
        ("[::1]", ("::1", 53)),
        ("::1", ("::1", 53)),
    ],
)
def test_servers(text: str, address: tuple[str, int]) -> None:
    assert server(text) == address


@pytest.mark.parametrize("text", ["", "x", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:a", "[::1"])
def test_what_is_no_server(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        server(text)
