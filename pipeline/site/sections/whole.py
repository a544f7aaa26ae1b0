"""Shares of the whole mail, over all seeds, by one dimension of provider_shares."""

from pipeline.site.charts import bars
from pipeline.site.exhibit import Exhibit


def whole(name: str, title: str, text: str, dimension: str, column: str) -> Exhibit:
    """An exhibit of a dimension's values, the largest first, under a column's name."""
    return Exhibit(
        name,
        title,
        text,
        ("provider_shares",),
        f"""
    SELECT value AS {column}, domains, share FROM provider_shares
    WHERE dimension = '{dimension}' AND seed_list = '*' AND rank_cut = 0 AND tld = '*'
    ORDER BY domains DESC, value
    """,
        bars(column, "share"),
    )
