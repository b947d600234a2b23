"""How much a client may ask for: the problems that refuse more say these numbers."""

ONE_LIMIT = 64 * 1024
MANY_LIMIT = 256 * 1024
"""Bytes of the body of a request for one prediction, and for many."""

BODY_SECONDS = 10
"""How long a whole body may take to arrive (the server bounds the head of a request only)."""

LONGEST_URI = 2048
"""Characters of path and query; the router remembers a thousand paths."""

MAX_FIXTURES = 256
"""Fixtures of a batch."""

ANSWER_SECONDS = 10
"""How long a request may be in work, from when its body has come until it is answered."""
