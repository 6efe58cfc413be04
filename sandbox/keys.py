"""Signing keys of the stand-ins, and the key a client would have registered with them.

Knows keys and files only, no protocol. Called by idporten.py, maskinporten.py and __main__.py.
"""

import json
import os
from pathlib import Path
from typing import Any

from joserfc.jwk import RSAKey


def new_key(use: str = "sig") -> RSAKey:
    """A fresh RSA key of 2048 bits whose `kid` is its own thumbprint."""
    return RSAKey.generate_key(2048, {"use": use, "alg": "RS256"}, auto_kid=True)


class SigningKeys:
    """The keys one issuer signs with: the newest signs, the older ones are still published.

    A real issuer rotates without notice; `rotate` does the same, `forget_old` ends the overlap.
    """

    def __init__(self, first: RSAKey | None = None) -> None:
        self._keys = [first or new_key()]

    @property
    def current(self) -> RSAKey:
        return self._keys[-1]

    def rotate(self) -> RSAKey:
        self._keys.append(new_key())
        return self.current

    def forget_old(self) -> None:
        self._keys = self._keys[-1:]

    def published(self) -> dict[str, Any]:
        """The JWK set as the issuer shows it: public halves only."""
        return {"keys": [key.as_dict(private=False) for key in self._keys]}

    def find(self, kid: str | None) -> RSAKey | None:
        return next((key for key in self._keys if key.kid == kid), None)


def kept_key(path: Path) -> RSAKey:
    """The private key in the file, made on first use and readable by its owner only."""
    if path.exists():
        return RSAKey.import_key(json.loads(path.read_text(encoding="utf-8")))
    key = new_key()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(key.as_dict(private=True), file)
    return key
