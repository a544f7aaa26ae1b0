"""The report for readers: one static site a run, which opens from disk and asks no network.

`exhibit` is its shape: pages of exhibits, each a query whose rows become a table and a chart.
`sections/` has the exhibits, a module a page; `census` runs the queries; `charts` draws with
Vega-Altair; `write` fills templates/ and puts assets/ beside them.
"""
