"""A real nginx with the shipped configuration, before a service of ours."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.process import free_port

CONFIGURATION = Path(__file__).parents[1] / "deploy" / "nginx-cache.conf"
WITHIN = 60.0
"""Seconds in which it starts."""

AROUND = """\
{user}
worker_processes 1;
daemon off;
pid {directory}/pid;
error_log {directory}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    include {directory}/cache.conf;
}}
"""


def is_there() -> bool:
    """Whether this machine has nginx."""
    return shutil.which("nginx") is not None


@contextmanager
def cached(port: int) -> Iterator[int]:
    """The port of an nginx before the service at ``port``.

    Raises:
        RuntimeError: it did not start; with what it said.
    """
    own = free_port()
    with TemporaryDirectory(prefix="nginx") as directory:
        (Path(directory) / "cache.conf").write_text(_configured(directory, service=port, own=own))
        main = Path(directory) / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""
        main.write_text(AROUND.format(directory=directory, user=user))
        with subprocess.Popen(["nginx", "-e", "stderr", "-c", str(main)], stderr=subprocess.PIPE) as process:
            try:
                _wait(process, own)
                yield own
            finally:
                process.terminate()


def _configured(directory: str, *, service: int, own: int) -> str:
    """The shipped configuration with other addresses.

    Raises:
        ValueError: it does not have one of them.
    """
    text = CONFIGURATION.read_text(encoding="utf-8")
    for shipped, ours in (
        ("listen 8080;", f"listen 127.0.0.1:{own};"),
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{service};"),
        ("/var/cache/nginx/sabiscore", f"{directory}/cache"),
    ):
        if text.count(shipped) != 1:
            raise ValueError(f"{CONFIGURATION.name} has not one {shipped!r}")
        text = text.replace(shipped, ours)
    return text


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    process.terminate()
    raise RuntimeError(f"nginx did not start: {process.communicate()[1].decode(errors='replace')}")
