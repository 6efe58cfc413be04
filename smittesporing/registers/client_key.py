"""The service's own private key, which it proves itself with to ID-porten and Maskinporten.

Reads it and says whether it will do; signs nothing. Called by folkeregister.py and web/oidc.py.
"""

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from smittesporing.settings import Missing

SHORTEST = 2048


def client_key(text: str) -> RSAKey:
    """The key: a JWK as JSON, or the path of a file that holds one.

    Errors  settings.Missing when it cannot be read, is not private, or has fewer than 2048 bits. The
            text of the key is never repeated.
    """
    try:
        raw = text if text.lstrip().startswith("{") else Path(text).read_text(encoding="utf-8")
        key = RSAKey.import_key(json.loads(raw))
    except (OSError, ValueError, TypeError, JoseError):
        raise Missing("SMITTESPORING_CLIENT_KEY is not a private RSA key in JWK format.") from None
    private = key.private_key if key.is_private else None
    if not isinstance(private, RSAPrivateKey) or private.key_size < SHORTEST:
        raise Missing("SMITTESPORING_CLIENT_KEY must be a private RSA key of 2048 bits or more.")
    return key
