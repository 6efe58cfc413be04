"""Values that must not be read from the tables: sealed with AES-GCM, found by keyed hash.

Knows which bytes to write, not which attributes are confidential: that is metadata's. The key comes
from settings and never reaches the database. Called by persist, validate and read.
"""

import hashlib
import hmac
import os
from base64 import b64decode, b64encode
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SEALED = "enc:"
_NONCE = 12


def _derived(key: bytes, purpose: str) -> bytes:
    return hmac.new(key, b"smittesporing:" + purpose.encode(), hashlib.sha256).digest()


@lru_cache(maxsize=4)
def _sealer(key: bytes) -> AESGCM:
    return AESGCM(_derived(key, "seal"))


@lru_cache(maxsize=4)
def _hash_key(key: bytes) -> bytes:
    return _derived(key, "hash")


def seal(key: bytes, attribute: str, value: str) -> str:
    """The value as ciphertext that only this key opens, and only as this attribute's value."""
    nonce = os.urandom(_NONCE)
    sealed = _sealer(key).encrypt(nonce, value.encode(), attribute.encode())
    return SEALED + b64encode(nonce + sealed).decode()


def unseal(key: bytes, attribute: str, text: str) -> str:
    """The value behind `text`; text that was never sealed is given back as it is.

    Errors  cryptography's InvalidTag when the key or the attribute is another.
    """
    if not text.startswith(SEALED):
        return text
    raw = b64decode(text[len(SEALED) :])
    return _sealer(key).decrypt(raw[:_NONCE], raw[_NONCE:], attribute.encode()).decode()


def keyed_hash(key: bytes, attribute: str, value: str) -> str:
    """Hexadecimal; equal for values that differ only in case or in spaces around them."""
    plain = f"{attribute}\x1f{value.strip().lower()}".encode()
    return hmac.new(_hash_key(key), plain, hashlib.sha256).hexdigest()
