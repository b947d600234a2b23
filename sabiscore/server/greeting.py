"""What a service says of itself on a terminal, beside where it is."""

from datetime import date

from sabiscore.cache import url
from sabiscore.models import bundles
from sabiscore.models.bundles import Bundle
from sabiscore.settings import Settings


def greeting(bundle: Bundle, settings: Settings, today: date, *, embedded: bool) -> list[str]:
    """Its bundle, how old the data are, and its cache, a line each."""
    through = bundle.manifest.data_through
    place = "the shipped one" if bundle.source == str(bundles.SHIPPED) else bundle.source
    cache = f"Valkey at {url.shown(settings.valkey_url)}" if settings.valkey_url else "in memory only"
    return [
        f"bundle   {bundle.version}, {place}",
        f"matches  through {through:%-d %B %Y}, {_days((today - through).days)}",
        f"cache    {'a Valkey of its own' if embedded else cache}",
    ]


def _days(days: int) -> str:
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
