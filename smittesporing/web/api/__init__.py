"""DHIS2's Web API, version 2.42, as far as contact tracing needs it. Does not know the pages."""
