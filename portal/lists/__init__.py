"""Lists of children that another institution keeps, checked row by row before they become alerts.

An INPE list of inmates' children, a school's list of drop-outs, a list of orphans: nothing is sent
before a person has seen what would happen with each row.
"""
