import subprocess
import sys

CODE = """
import gc, sys
from pipeline.footprint import lighten
lighten()
import pyarrow as pa
array = pa.array(["a"])
assert "pandas" not in sys.modules, "imported after all"
assert gc.get_threshold()[0] > 10_000
assert pa.default_memory_pool().backend_name == "system"
try:
    import pandas
except ModuleNotFoundError:
    pass
else:
    assert list(array.to_pandas()) == ["a"]  # who wants a data frame has one
"""


def test_a_light_process_has_no_pandas_until_it_is_wanted() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
