"""A domain's SPF as a tree, against the run's tables."""

import duckdb
import pytest

from pipeline.site.census import census as opened
from pipeline.spf.tree import Branch, Leaf, trees
from pipeline.warehouse import Warehouse
from tests.pipeline.command import mailcensus
from tests.pipeline.conftest import Census


def seeds(census: Census, where: str) -> list[str]:
    files = f"{census.warehouse}/spf_trust/run={census.run}/*.parquet"
    query = f"SELECT domain FROM '{files}' WHERE {where} ORDER BY domain LIMIT 40"
    return [domain for (domain,) in duckdb.sql(query).fetchall()]


def grown(census: Census, domains: list[str]) -> list[Branch]:
    with opened(Warehouse.at(str(census.warehouse)).existing(census.run)) as tables:
        return trees(tables, domains)


def names(branch: Branch) -> set[str]:
    below = [names(term) for term in branch.terms if isinstance(term, Branch)]
    return {branch.name}.union(*below)


def leaves(branch: Branch) -> list[Leaf]:
    own = [term for term in branch.terms if isinstance(term, Leaf)]
    below = [leaf for term in branch.terms if isinstance(term, Branch) for leaf in leaves(term)]
    return own + below


def test_a_tree_has_all_names_that_the_closure_has(census: Census) -> None:
    domains = seeds(census, "names > 2")
    files = f"{census.warehouse}/spf_trust/run={census.run}/*.parquet"
    counted = dict(duckdb.sql(f"SELECT domain, names FROM '{files}'").fetchall())
    for tree in grown(census, domains):
        assert len(names(tree) - {tree.name}) == counted[tree.name]


def test_every_error_stands_where_the_table_says(census: Census) -> None:
    domains = seeds(census, "len(findings) > 0 AND verdict = 'permerror'")
    files = f"{census.warehouse}/spf_trust/run={census.run}/*.parquet"
    for tree in grown(census, domains):
        query = f"SELECT unnest(findings).name FROM '{files}' WHERE domain = $1"
        expected = {name for (name,) in duckdb.execute(query, [tree.name]).fetchall()}
        found: set[str] = set()
        stack: list[Branch] = [tree]
        while stack:
            branch = stack.pop()
            found |= {branch.name} if branch.findings else set()
            stack += [term for term in branch.terms if isinstance(term, Branch)]
        assert found == expected


def test_a_tree_without_includes_adds_up(census: Census) -> None:
    """Where no networks overlap, the sizes of the terms make the size of the domain."""
    domains = seeds(census, "names = 0 AND verdict = 'valid' AND ipv4 > 0 AND NOT needs_context")
    totals = [
        (tree.ipv4, sum(leaf.ipv4 or 0 for leaf in leaves(tree) if leaf.term[0] not in "-~?"))
        for tree in grown(census, domains)
    ]
    assert totals
    assert sum(total == added for total, added in totals) > len(totals) * 0.8
    assert all(total is not None and total <= added for total, added in totals)


def test_a_loop_is_opened_up_once(census: Census) -> None:
    domains = seeds(census, "list_contains([f.finding FOR f IN findings], 'include_loop')")
    assert domains
    for tree in grown(census, domains):
        assert "opened up above" in str(tree)


def test_the_command_prints_it(census: Census) -> None:
    (domain, *_) = seeds(census, "names > 2")
    done = mailcensus("spf", "tree", census.warehouse, census.run, domain)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(domain)
    assert "├── " in done.stdout


@pytest.mark.parametrize("domain", ["absent.example", "no domain"])
def test_a_domain_that_was_not_asked_is_one_clear_line(census: Census, domain: str) -> None:
    done = mailcensus("spf", "tree", census.warehouse, census.run, domain)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
