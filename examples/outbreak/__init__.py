"""The demo's outbreak: `build.outbreak(first_day)` gives it as DHIS2 tracker payloads."""
