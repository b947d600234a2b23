"""A packed bundle as an object of an S3 store, by the library obstore; the AWS_* variables say who asks, and where.

    python -m sabiscore.update.objects s3://BUCKET/KEY [ETAG]

prints a line of JSON, and the object if it is another than ETAG's. It is got by a process of its own: the library's
threads would not live on in a fork of a process that has used it, as workers are.
"""

import importlib.util
import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import msgspec
from msgspec import Struct

from sabiscore.data.download import Answer, Validators
from sabiscore.errors import DownloadError, SettingsError
from sabiscore.models.bundles import LARGEST_PACKED

SCHEME = "s3://"
CONTENT_TYPE = "application/x-tar"
SECONDS = 60
"""An attempt, and all attempts, may take."""

RETRIES = 2


class _Head(Struct, frozen=True):
    """What the process says first: the size of what follows, and its ETag; or what is wrong."""

    size: int = -1
    etag: str = ""
    is_absent: bool = False
    error: str = ""


class Object:
    """An object: see `sabiscore.update.addresses.Address`."""

    def __init__(self, url: str) -> None:
        """Nothing is asked yet.

        Raises:
            SettingsError: it names no object, or the library is not installed.
        """
        bucket, _, self._key = url.removeprefix(SCHEME).partition("/")
        if not bucket or not self._key:
            raise SettingsError(f"{url}: name an object, s3://BUCKET/KEY")
        if not importlib.util.find_spec("obstore"):
            raise SettingsError("s3:// needs the library obstore: install sabiscore[s3]")
        self.shown = url
        self._bucket = bucket

    def get(self, known: Validators) -> Answer:
        """What is there now, unless it is what ``known`` is of; raises DownloadError."""
        command = [sys.executable, "-P", "-m", "sabiscore.update.objects", self.shown, known.etag]
        try:
            done = subprocess.run(  # noqa: S603 - this program, and an address as an argument
                command, capture_output=True, check=False, timeout=2 * SECONDS, stdin=subprocess.DEVNULL
            )
            line, _, body = done.stdout.partition(b"\n")
            head = msgspec.json.decode(line, type=_Head)
        except subprocess.TimeoutExpired as error:
            raise DownloadError(self.shown, "no whole answer in time") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DownloadError(self.shown, f"asking ended with status {done.returncode}") from error
        if head.error or (head.size >= 0 and head.size != len(body)):
            raise DownloadError(self.shown, head.error or "the answer was cut")
        if head.is_absent:
            return Answer("absent")
        return Answer("unchanged") if head.size < 0 else Answer("new", body, Validators(head.etag).usable)

    def put(self, content: bytes) -> None:
        """Put it there, in one step; raises DownloadError."""
        obstore, failures, store = self._opened()
        try:
            about = {"Content-Type": CONTENT_TYPE}
            obstore.put(store, self._key, content, attributes=about, use_multipart=False)
        except (failures.BaseError, OSError) as error:
            raise DownloadError(self.shown, f"cannot be published to: {_first_line(error)}") from error

    def ask(self, etag: str) -> tuple[_Head, bytes]:
        """In the process: what there is to say."""
        obstore, failures, store = self._opened()
        try:
            found = obstore.get(store, self._key, options={"if_none_match": etag} if etag else {})
            if found.meta["size"] > LARGEST_PACKED:
                return _Head(error=f"larger than {LARGEST_PACKED} bytes"), b""
            body = bytes(found.bytes())
        except failures.NotModifiedError:
            return _Head(), b""
        except FileNotFoundError:
            return _Head(is_absent=True), b""
        except (failures.BaseError, OSError) as error:
            return _Head(error=_first_line(error)), b""
        return _Head(len(body), found.meta["e_tag"] or ""), body

    def _opened(self) -> tuple[Any, Any, Any]:
        """The library, its errors, and the store."""
        obstore: Any = importlib.import_module("obstore")
        failures: Any = importlib.import_module("obstore.exceptions")
        stores: Any = importlib.import_module("obstore.store")
        limit = timedelta(seconds=SECONDS)
        store = stores.S3Store(
            self._bucket,
            client_options={"timeout": limit, "allow_http": os.environ.get("AWS_ALLOW_HTTP") == "true"},
            retry_config={"max_retries": RETRIES, "retry_timeout": limit},
        )
        return obstore, failures, store


def _first_line(error: BaseException) -> str:
    """What the library says of an error, without how it came to it."""
    return str(error).strip().partition("\n")[0]


def main() -> None:
    """What the process does."""
    url, etag = sys.argv[1:]
    head, body = Object(url).ask(etag)
    sys.stdout.buffer.write(msgspec.json.encode(head) + b"\n" + body)


if __name__ == "__main__":
    main()
