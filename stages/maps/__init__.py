"""Maps of the address space: how many domains let each block of it send.

`blocks` numbers the blocks of a family, `heat` counts domains by block, `curve` lays blocks out
along Hilbert's curve, `landmarks` says what lies where, `picture` draws. No IO but the bundled
table of allocations.
"""
