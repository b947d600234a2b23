"""Pairs of keys, as OpenSSL makes them."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct


class Keys(Struct, frozen=True):
    """The files of a private key and its public one."""

    private: Path
    public: Path


def make(directory: Path, name: str = "key") -> Keys:
    key = Ed25519PrivateKey.generate()
    keys = Keys(directory / f"{name}-private.pem", directory / f"{name}-public.pem")
    keys.private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    keys.public.write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return keys
