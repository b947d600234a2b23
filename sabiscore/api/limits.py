"""How much a client may ask for: the problems that refuse more say these numbers."""

ONE_LIMIT = 64 * 1024
MANY_LIMIT = 256 * 1024
"""Bytes of the body of a request for one prediction, and for many."""

IDLE_SECONDS = 5
"""How long a connection may wait for the head of a request, the next one too (the server bounds both as one)."""

BODY_SECONDS = 10
"""How long a whole body may take to arrive (the server does not bound it)."""

LONGEST_URI = 2048
"""Characters of path and query; the router remembers a thousand paths."""

MAX_FIXTURES = 256
"""Fixtures of a batch."""

ANSWER_SECONDS = 10
"""How long a request may be in work, from when its body has come until it is answered."""
