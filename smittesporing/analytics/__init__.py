"""Counting: program indicators and indicators over the projections, and what may be shown of them.

`plan` composes one statement per program indicator, `query` answers for periods and org units within
one's reach, `small_numbers` decides what outsiders see, `published` keeps that on a fixed grid, `grid`
reads and writes DHIS2's analytics tables. Knows nothing of tracing. Called by the web rooms.
"""
