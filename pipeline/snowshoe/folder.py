"""A folder that is put in place whole, with all its files or not at all."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp

from pipeline.errors import ConfigError


def put_folder(where: Path, files: Mapping[str, bytes]) -> None:
    """Write files to a new folder; ConfigError if something is there already, or cannot be made."""
    vacant(where)
    try:
        where.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(mkdtemp(prefix=f".{where.name}-", dir=where.parent))
        try:
            for name, data in files.items():
                (temporary / name).write_bytes(data)
            temporary.chmod(0o755)
            temporary.rename(where)
        except OSError:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    except OSError as error:
        raise ConfigError(f"cannot write {where}: {error.strerror}") from error


def vacant(where: Path) -> None:
    """ConfigError if something is there: what is done is not overwritten."""
    if where.exists() and not (where.is_dir() and not any(where.iterdir())):
        raise ConfigError(f"{where} is there already: name another folder")
