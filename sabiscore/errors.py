"""Everything SabiScore raises on purpose.

    SabiScoreError
     +- InvalidFixtureError          a fixture that cannot be predicted
     |   +- UnknownNameError
     |   |   +- UnknownLeagueError
     |   |   +- UnknownClubError
     |   +- SameClubError
     |   +- KickoffOutOfRangeError
     |   +- InvalidOddsError
     +- DataError                    a file of matches that cannot be trusted
     |   +- DownloadError
     |   |   +- NoAnswerError
     |   +- LedgerError              a ledger whose past was changed
     +- BundleError                  a bundle that must not be loaded
     +- SettingsError                a SABISCORE_* variable that makes no sense
     +- AddressError                 an address that cannot be listened on

No HTTP status lives here: ``api`` maps these to problem details.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeAlias

LONGEST_REASON = 300

Refusal: TypeAlias = Literal["missing", "changed", "unsigned", "format", "older", "crashed", "contents"]
"""Why a bundle is refused: a file is not there; its bytes are not those that were sealed; it is not signed as it must
be; another version made it; its matches end before those served; the process that tried it crashed or did not end; what
is in it cannot be, or is not what it answered when it was made."""


class SabiScoreError(Exception):
    """Base of every error raised on purpose; its text is written for the person who reads it."""


class InvalidFixtureError(SabiScoreError):
    """The fixture is well formed but cannot be predicted: a ``message`` of the catalogues says why, with ``values``."""

    def __init__(self, message: str, **values: object) -> None:
        self.message = message
        self.values = values
        super().__init__(message.format(**{name: _short(value) for name, value in values.items()}))


class UnknownNameError(InvalidFixtureError):
    """A name is not in the catalogue: ``said`` so; ``closest`` are the known names most like it."""

    kind = "name"

    def __init__(self, name: str, closest: Sequence[str], where: str = "") -> None:
        self.name = name
        self.closest = tuple(closest)
        self.said = f"Unknown {self.kind} {name!r}{where}."
        hint = f" Closest known: {', '.join(self.closest)}." if self.closest else ""
        super().__init__("{said}{hint}", said=self.said, hint=hint)


class UnknownLeagueError(UnknownNameError):
    """The league's name or code is not in the catalogue."""

    kind = "league"


class UnknownClubError(UnknownNameError):
    """The club's name is not in the catalogue of that league."""

    kind = "club"


class SameClubError(InvalidFixtureError):
    """A club cannot play itself."""

    text = "{club} cannot play against itself."

    def __init__(self, club: str) -> None:
        super().__init__(self.text, club=club)


class KickoffOutOfRangeError(InvalidFixtureError):
    """The kick-off is before the data begin, or too far ahead."""


class InvalidOddsError(InvalidFixtureError):
    """The odds are not those of a bookmaker."""


class DataError(SabiScoreError):
    """A match file is refused: says file, line (1-based, 0 for the whole file) and reason."""

    def __init__(self, file: Path | str, line: int, reason: str) -> None:
        self.file = str(file)
        self.line = line
        self.reason = reason
        where = f"{file}:{line}" if line else str(file)
        super().__init__(f"{where}: {reason}")


class DownloadError(DataError):
    """A download failed or brought something that is not a match file; nothing was replaced."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url, 0, reason)


class NoAnswerError(DownloadError):
    """The server could not be reached, or only said that it cannot answer now, as often as it was asked."""


class LedgerError(DataError):
    """The past of the ledger was changed, or a part of it is missing: says at which line; nothing is written."""

    def __init__(self, file: Path | str, line: int, reason: str) -> None:
        super().__init__(
            file, line, f"{reason}; put the ledger back from a copy, or move it away to begin a new one"
        )


class BundleError(SabiScoreError):
    """A bundle is refused: says which file and what is wrong, in one line, whatever the bundle says of itself.

    ``kind`` is for counting.
    """

    def __init__(self, file: Path | str, reason: str, kind: Refusal = "contents") -> None:
        self.file = str(file)
        self.reason = _line(reason)
        self.kind = kind
        super().__init__(f"bundle refused: {file}: {self.reason}")


def _short(value: object) -> object:
    return f"{value:g}" if isinstance(value, float) else value


def _line(text: str) -> str:
    clean = "".join(sign if sign.isprintable() else " " for sign in text)
    return clean if len(clean) <= LONGEST_REASON else f"{clean[:LONGEST_REASON]}…"


class SettingsError(SabiScoreError):
    """A setting has a value that makes no sense: says which, and what it takes."""


class AddressError(SabiScoreError):
    """There is no listening on this address: says why."""
