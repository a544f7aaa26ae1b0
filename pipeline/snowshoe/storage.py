"""Models as folders: a manifest, a card, and what the manifest names with its digests."""

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import ConfigError
from pipeline.snowshoe.folder import put_folder
from pipeline.snowshoe.reference import Distributions
from schemas.snowshoe import FEATURES
from stages.inference.snowshoe.campaigns import ALWAYS, LINKS
from stages.inference.snowshoe.card import card
from stages.inference.snowshoe.distribution import Distribution
from stages.inference.snowshoe.matrix import column
from stages.inference.snowshoe.model import (
    CLASSIFIER,
    Manifest,
    Model,
    ModelError,
    decode,
    encode_manifest,
)

_MANIFEST, _SAMPLES, _REFERENCE = "model.json", "samples.parquet", "reference.parquet"
_SAMPLE = (*ALWAYS, *LINKS, "day", "listed")


class Kept(NamedTuple):
    """A model and what it was trained on."""

    model: Model
    samples: pa.Table
    """One row a sample: the columns of `links`, day, listed."""
    reference: Distributions
    """Of the training window."""


def contents(classifier: bytes, samples: pa.Table, reference: Distributions) -> dict[str, bytes]:
    """The files that a manifest names."""
    return {
        CLASSIFIER: classifier,
        _SAMPLES: _parquet(samples.select(_SAMPLE)),
        _REFERENCE: _parquet(_rows(reference)),
    }


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of each."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


def save(where: Path, manifest: Manifest, files: Mapping[str, bytes], tails: bytes) -> None:
    """Put a model in place, whole; ConfigError if something is there."""
    described = {
        _MANIFEST: encode_manifest(manifest),
        "card.md": card(manifest).encode(),
        "tails.png": tails,
    }
    put_folder(where, {**files, **described})


def load(where: Path) -> Kept:
    """A model back; ConfigError, in one line, if it is none of ours or does not fit."""
    names = (_MANIFEST, CLASSIFIER, _SAMPLES, _REFERENCE)
    try:
        manifest, classifier, samples, reference = ((where / n).read_bytes() for n in names)
        model = decode(manifest, classifier)
        model.manifest.check(_SAMPLES, samples)
        model.manifest.check(_REFERENCE, reference)
        rows = pq.read_table(io.BytesIO(samples)).select(_SAMPLE)
        return Kept(model, rows, _distributions(pq.read_table(io.BytesIO(reference))))
    except OSError as error:
        raise ConfigError(f"model {where}: {error.strerror}: {error.filename}") from error
    except (ModelError, pa.ArrowException, KeyError) as error:
        raise ConfigError(f"model {where}: {error}") from error


def _parquet(table: pa.Table) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd")
    return stream.getvalue()


def _rows(reference: Distributions) -> pa.Table:
    """feature, value (null: unknown), count."""
    parts = []
    for name, seen in reference.items():
        values = pa.array([None, *seen.values.tolist()], pa.float64())
        counts = pa.array([seen.unknown, *seen.counts.tolist()], pa.int64())
        names = pa.array([name] * len(values), pa.string())
        parts.append(pa.table({"feature": names, "value": values, "count": counts}))
    return pa.concat_tables(parts)


def _distributions(rows: pa.Table) -> Distributions:
    features, values = rows["feature"].to_numpy(), column(rows, "value")
    counts = rows["count"].to_numpy()
    known = ~np.isnan(values)
    found = {}
    for name in FEATURES:
        here = features == name
        unknown = int(counts[here & ~known].sum())
        found[name] = Distribution(values[here & known], counts[here & known], unknown)
    return found
