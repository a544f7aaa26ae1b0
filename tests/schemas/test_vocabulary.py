"""Words with meanings."""

import pickle

import pyarrow as pa
import pytest

from schemas import TABLES
from schemas.dictionary import summary, vocabularies
from schemas.outcomes import Outcome
from schemas.vocabulary import Vocabulary

ALL = sorted(vocabularies(TABLES.values()), key=lambda each: each.__name__)


def test_a_word_is_a_string_with_a_meaning() -> None:
    assert str(Outcome.NXDOMAIN) == "nxdomain"
    assert f"{Outcome.NXDOMAIN}" == "nxdomain"
    assert Outcome.NXDOMAIN.meaning == "no such name (RFC 8020)"
    assert hash(Outcome.OK) == hash("ok")


def test_the_word_gives_the_member_back() -> None:
    assert Outcome("ok") is Outcome.OK
    assert pickle.loads(pickle.dumps(Outcome.OK)) is Outcome.OK
    with pytest.raises(ValueError, match="'well' is not a valid Outcome"):
        Outcome("well")


def test_arrow_stores_the_word() -> None:
    assert pa.array([Outcome.OK, None], pa.string()).to_pylist() == ["ok", None]


@pytest.mark.parametrize("vocabulary", ALL, ids=lambda each: each.__name__)
def test_every_word_of_the_census_says_what_it_means(vocabulary: type[Vocabulary]) -> None:
    assert [word for word in vocabulary if not word.meaning] == []
    assert summary(vocabulary).endswith(".")
