"""The benchmark: pages of the portal beside a bare Flask + SQL page on the same generated data.

Ratios of CPU time are what counts, since requests a second move with the machine's neighbours. See
`docs/performance.md` for the method and the latest figures.
"""
