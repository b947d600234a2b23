"""Many fixtures at once: files of them, and the coming week as a site."""

from datetime import UTC, datetime
from pathlib import Path

import click

from sabiscore.cli.completion import leagues
from sabiscore.cli.options import BUNDLE, DATE, DIRECTORY, FILE, LANG, SERVED, USUAL, forecaster_of, ready_of
from sabiscore.domain import Language


@click.command("score")
@click.option("--in", "given", type=FILE, required=True, help="Fixtures, a row each: .csv or .parquet.")
@click.option("--out", type=FILE, required=True, help="Where predictions go: .csv or .parquet.")
@click.option(
    "--bundle", type=BUNDLE, show_default=USUAL, help="Directory or packed file of the bundle to ask."
)
@click.option(
    "--strict", is_flag=True, help="End at the first row that cannot be predicted, and write nothing."
)
def score_command(given: Path, out: Path, bundle: Path | None, *, strict: bool) -> None:
    """Predict a file of fixtures, of any length.

    A row has kickoff_time (or date), league, home_team and away_team, as people write them, and perhaps odds_home,
    odds_draw and odds_away; fixtures.csv of football-data.co.uk will do. OUT has the same rows with all their columns,
    and what is said of each; `refused` says why nothing is, and then the exit status is 1. It is written whole or not
    at all.

    Example: sabiscore score --in fixtures.csv --out predictions.parquet
    """
    from sabiscore.bulk.score import score
    from sabiscore.data.rows import check_place
    from sabiscore.progress import bars

    check_place(out)
    with bars() as tell:
        scored = score(given, out, forecaster_of(bundle), tell, strict=strict)
    click.echo(f"{out}: {scored.fixtures - scored.refused:,} of {scored.fixtures:,} fixtures predicted")
    if scored.refused:
        click.echo(f"{scored.refused:,} refused; the first is {scored.first}", err=True)
        raise SystemExit(1)


@click.command("export")
@click.option(
    "--out", type=DIRECTORY, required=True, help="Where the site goes; an older export is replaced."
)
@click.option("--league", shell_complete=leagues, help="Only of this league: its name or code.")
@click.option("--from", "since", type=DATE, show_default="today", help="First day of the week (UTC).")
@click.option(
    "--url",
    default="",
    show_default="SABISCORE_PUBLIC_URL",
    help="Where readers will find it, such as https://example.org/week: previews of shared links have a picture then.",
)
@LANG
@SERVED
def export_command(
    out: Path, *, league: str | None, since: datetime | None, url: str, lang: Language, bundle: str | None
) -> None:
    """Write the coming week as files for any web host: the pages of `serve`, its JSON, and calendars (ICS).

    Pages stand below any path, and need no service: what wants one, such as odds typed in, is left out. The JSON of
    GET /api/v1/fixtures is api/v1/fixtures.json, and so on; calendars/ has one file a league, and all.ics. A site is
    replaced in one step, when the new one is whole.

    Example: sabiscore export --out site
    """
    import asyncio

    from sabiscore.api.loaded import Loaded
    from sabiscore.clock import CLOCK, Clock
    from sabiscore.export.export import export
    from sabiscore.progress import bars
    from sabiscore.service import PredictionService
    from sabiscore.settings import Settings, public_url

    ready = ready_of(bundle)
    service = PredictionService(ready.forecaster, catalogue=ready.catalogue)
    chosen = service.league(league) if league else None
    clock = Clock(unix=since.replace(tzinfo=UTC).timestamp) if since else CLOCK
    loaded = Loaded(service, ready.season, ready.answered, ready.record, ready.sealed, clock)
    site = Settings(public_url=public_url(url))
    with bars() as tell:
        exported = asyncio.run(export(loaded, out, tell, chosen, lang, settings=site))
    click.echo(f"{out}: {exported.fixtures} fixtures in {exported.files} files")
    if not ready.answered:
        click.echo(
            "this bundle has no list of coming fixtures; `sabiscore update` makes one that has", err=True
        )
