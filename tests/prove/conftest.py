"""A proof runs for long against a server of its own: `./dev prove`, never `./dev test`."""

from tests.api.conftest import ask, client, elsewhere, serve, uid, unit

__all__ = ["ask", "client", "elsewhere", "serve", "uid", "unit"]
