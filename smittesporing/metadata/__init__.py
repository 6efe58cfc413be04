"""All configuration: forms, option sets, programs, rules and indicators, as DHIS2 metadata.

The views (options, forms, programs, indicators, sharing) are frozen and know no storage. store.py
keeps the JSON and hands out one snapshot; exchange.py is the only writer. Holds no records of
people. Called by tracker, tracing, analytics and web.
"""
