"""The report on a run, made when a crawl ends: what came of it, in figures that add up.

`figures` is its shape, `measure` makes it of the committed rows, `account` balances the tables,
`alarm` says when a run measured next to nothing, `page` prints it. It is kept as report.json.
"""
