"""Records: stored, imported, read, projected.

Knows DHIS2's tracker model (tracked entities, enrollments, events, relationships), not what the
records mean to a tracer: that is `tracing`. One way in (`importer.importing`), one way out
(`read`).
"""
