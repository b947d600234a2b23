"""Where the answer to a request stands among files, and pages whose links lead there."""

import posixpath
import re
from collections.abc import Collection
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from sabiscore.languages.wording import Wording, wording

ENGLISH = wording("en")

POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"
"""For hosts that send none: what the service itself says, as far as a page can say it."""

_DYNAMIC: Final = (
    re.compile(r"<form\b.*?</form>", re.DOTALL),
    re.compile(r'<script\b[^>]*\bsrc="[^"]*htmx[^"]*"[^>]*></script>\n?'),
    re.compile(r'<meta name="htmx-config"[^>]*>\n?'),
    re.compile(r'<link rel="alternate"[^>]*>\n?'),
    re.compile(r'<nav class="languages".*?</nav>\n?', re.DOTALL),
    re.compile(r"<section>\s*<h2>[^<]*</h2>\s*</section>\n?"),
)
"""What wants a service. Last, sections that only held a form."""

_NAVIGATION = re.compile(r"<nav\b.*?</nav>", re.DOTALL)
_LINK = re.compile(r'<a\b[^>]*?\bhref="(/[^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_ADDRESS = re.compile(r'\b(href|src)="(/[^"]*)"')
_VIEWPORT = re.compile(r'(<meta name="viewport"[^>]*>)')
_FOOTER = re.compile(r"(<footer\b[^>]*>\s*<div\b[^>]*>)")

_HERE = '\n<p><a href="/calendars/all.ics">{calendar}</a>, <a href="/api/v1/fixtures">{json}</a></p>'


def place_of(address: str) -> str:
    """The file of an address of the service: "leagues/premier-league/index.html" of "/leagues/premier-league"."""
    parts = urlsplit(address)
    path = posixpath.join(parts.path.strip("/"), *(value for _, value in parse_qsl(parts.query)))
    if path.startswith("api/"):
        return f"{path}.json"
    return path if posixpath.splitext(path)[1] else posixpath.join(path, "index.html")


def addresses_in(page: str) -> list[str]:
    """What a page leads to and loads, on this site."""
    return [address.partition("#")[0] for _, address in _ADDRESS.findall(page)]


def settled(page: str, place: str, there: Collection[str], words: Wording = ENGLISH) -> str:
    """A page of the service as the file ``place``: without what wants a service, its links leading to files.

    Links to addresses that are not ``there`` are text, and left out among those of the navigation.
    """
    for dynamic in _DYNAMIC:
        page = dynamic.sub("", page)
    page = _VIEWPORT.sub(rf'\1\n<meta http-equiv="Content-Security-Policy" content="{POLICY}">', page)
    here = _HERE.format(calendar=words.say("These matches as a calendar"), json=words.say("as JSON"))
    page = _FOOTER.sub(lambda found: f"{found[0]}{here}", page)
    page = _NAVIGATION.sub(lambda found: _without(found[0], there, keep_text=False), page)
    page = _without(page, there, keep_text=True)
    folder = posixpath.dirname(place)
    return _ADDRESS.sub(lambda found: f'{found[1]}="{_from(folder, found[2])}"', page)


def _without(page: str, there: Collection[str], *, keep_text: bool) -> str:
    def kept(found: re.Match[str]) -> str:
        if found[1].partition("#")[0] in there:
            return found[0]
        return found[2] if keep_text else ""

    return _LINK.sub(kept, page)


def _from(folder: str, address: str) -> str:
    """A relative link, so that the site may stand below any path."""
    path, sign, fragment = address.partition("#")
    return posixpath.relpath(place_of(path), folder or ".") + sign + fragment
