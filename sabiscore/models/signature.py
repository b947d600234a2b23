"""Signatures of bundles: Ed25519 (RFC 8032), by the library `cryptography`, over the digest.

Keys are files as OpenSSL makes them:

    openssl genpkey -algorithm ed25519 -out private.pem
    openssl pkey -in private.pem -pubout -out public.pem
"""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sabiscore.errors import SettingsError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

WHAT = b"sabiscore bundle "
"""Before the digest: what is signed for this is signed for nothing else."""

SIZE = 64
"""Bytes of a signature."""


class PublicKey:
    """The key that bundles must be signed by."""

    def __init__(self, file: Path) -> None:
        """Read it.

        Raises:
            SettingsError: there is none in the file.
        """
        self._key: Ed25519PublicKey = _key(file, "public")

    def has_signed(self, digest: str, signature: bytes) -> bool:
        """Whether this is the signature of a bundle's digest."""
        try:
            self._key.verify(signature, WHAT + digest.encode())
        except importlib.import_module("cryptography.exceptions").InvalidSignature:
            return False
        return True


def sign(digest: str, file: Path) -> bytes:
    """The signature of a bundle's digest by the private key in a file.

    Raises:
        SettingsError: there is none.
    """
    key: Ed25519PrivateKey = _key(file, "private")
    return key.sign(WHAT + digest.encode())


def _key(file: Path, kind: str) -> Any:  # noqa: ANN401 - of the kind that is asked for
    """The Ed25519 key in a PEM file."""
    try:
        serialization: Any = importlib.import_module("cryptography.hazmat.primitives.serialization")
        ed25519: Any = importlib.import_module("cryptography.hazmat.primitives.asymmetric.ed25519")
    except ImportError as error:
        raise SettingsError("signatures need the library cryptography: install sabiscore[signed]") from error
    load, wanted = {
        "public": (serialization.load_pem_public_key, ed25519.Ed25519PublicKey),
        "private": (lambda pem: serialization.load_pem_private_key(pem, None), ed25519.Ed25519PrivateKey),
    }[kind]
    try:
        key = load(file.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(f"{file}: no {kind} key in PEM without a password: {error}") from error
    if not isinstance(key, wanted):
        raise SettingsError(f"{file}: the {kind} key is not Ed25519 (openssl genpkey -algorithm ed25519)")
    return key
