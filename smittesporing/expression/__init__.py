"""DHIS2's expression language: text to tree, and the tree's two meanings.

Pure: no database, no clock, no metadata. `parse` makes the tree, `evaluate` is the plain referee,
`to_sql` composes the same meaning for PostgreSQL, `describe` says it in Norwegian. Called by tracker
(program rules), analytics (indicators) and the web rooms (checking and describing).
"""
