"""The driver's tests meet the service as other machines do: over HTTP, on a port of its own."""

from tests.api.conftest import serve as serve
