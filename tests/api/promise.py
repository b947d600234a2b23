"""At a release: from now on clients are promised what the OpenAPI document says."""

import msgspec

from sabiscore.api import openapi
from tests.api.compatibility import PROMISED, written

if __name__ == "__main__":
    PROMISED.write_text(written(msgspec.json.decode(openapi.DOCUMENT.read_bytes())))
