"""Layered pictures: what goes in comes out, nothing overlaps."""

from itertools import pairwise

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipeline.site.flow import chart, flow
from pipeline.site.sankey import Link, placed

links = st.lists(
    st.builds(
        Link,
        st.integers(0, 1),
        st.sampled_from("abcd"),
        st.sampled_from("wxyz"),
        st.integers(1, 1000).map(float),
    ),
    min_size=1,
    unique_by=lambda link: link[:3],
)


@given(links)
def test_nodes_of_a_layer_do_not_overlap(some: list[Link]) -> None:
    nodes = placed(some).values()
    for layer in {node.layer for node in nodes}:
        stacked = sorted((n for n in nodes if n.layer == layer), key=lambda node: node.y)
        for above, below in pairwise(stacked):
            assert above.y + above.height < below.y


@given(links)
def test_a_node_is_as_large_as_what_goes_through_it(some: list[Link]) -> None:
    for (layer, label), node in placed(some).items():
        going = sum(link.value for link in some if link.left == (layer, label))
        coming = sum(link.value for link in some if link.right == (layer, label))
        assert node.value == max(going, coming)


def test_the_nodes_of_a_side_follow_those_they_are_linked_with() -> None:
    some = [Link(0, "a", "small", 1.0), Link(0, "b", "large", 9.0), Link(0, "c", "large", 2.0)]
    nodes = placed(some)
    assert nodes[1, "large"].y < nodes[1, "small"].y
    assert max(nodes[0, "b"].y, nodes[0, "c"].y) < nodes[0, "a"].y


def test_the_weakest_links_are_left_out() -> None:
    rows = pa.table({"from": ["a", "b", "c"], "to": ["x", "x", "y"], "n": [1, 3, 2]})
    spec = flow("from", "to", "n", most=2)(rows)
    data = {each["name"]: each["values"] for each in spec["data"]}  # type: ignore[attr-defined]
    assert [link["text"] for link in data["links"]] == ["b → x: 3", "c → y: 2"]
    assert {node["label"] for node in data["nodes"]} == {"b", "c", "x", "y"}


def test_a_chart_is_as_high_as_its_largest_layer() -> None:
    few, many = (chart([Link(0, str(n), "x", 1.0) for n in range(size)]) for size in (2, 80))
    assert int(str(many["height"])) > int(str(few["height"])) > 300
