"""Zone files for NSD: what stands in them and that NSD's own checker takes them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.world import zones
from scripts.world.model import DnsFault, Record, World
from scripts.world.population import make

EMPTY = World((), (), {}, (), (), (), ())


def test_records_stand_in_presentation_form_and_faults_in_comments() -> None:
    records = (
        Record("example.com", "MX", "10 Mail.Example.com"),
        Record("example.com", "TXT", 'a"b\\c;d \u2013'),
        Record("example.com", "TXT", "x" * 300, ttl=60),
    )
    lines = list(zones.zone_lines(records, {"mute.example.com": DnsFault.SILENT}))
    assert lines[0] == "; left out: mute.example.com. should be silent\n"
    assert lines[-3:] == [
        "example.com. 300 IN MX 10 mail.example.com.\n",
        'example.com. 300 IN TXT "a\\034b\\092c;d \\226\\128\\147"\n',
        f'example.com. 60 IN TXT "{"x" * 255}" "{"x" * 45}"\n',
    ]


def test_lines_are_made_one_by_one() -> None:
    def endless() -> object:
        while True:
            yield Record("example.com", "A", "127.1.0.1")

    lines = zones.zone_lines(endless(), {})  # type: ignore[arg-type]
    assert [next(lines) for _ in range(5)][-1].startswith("example.com.")


@pytest.mark.parametrize("world", [EMPTY, make(600, seed=3)], ids=["empty", "made"])
def test_nsd_takes_zone_and_configuration(world: World, tmp_path: Path) -> None:
    path = "/usr/sbin:/usr/local/sbin:/usr/bin"
    checkzone = shutil.which("nsd-checkzone", path=path)
    checkconf = shutil.which("nsd-checkconf", path=path)
    if checkzone is None or checkconf is None:
        pytest.skip("NSD is not installed: apt-get install nsd")
    configuration = zones.write(world, tmp_path, port=5300)
    for command in (
        [checkzone, ".", str(tmp_path / zones.ZONE_FILE)],
        [checkconf, str(configuration)],
    ):
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
