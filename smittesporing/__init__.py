"""Contact tracing for every Norwegian municipality, on DHIS2's Web API."""

__version__ = "0.1.0"
