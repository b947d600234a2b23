"""Fixtures to come and tables, as the bundle that would be served has them."""

from datetime import datetime

import click
import msgspec

from sabiscore.cli.completion import leagues
from sabiscore.cli.options import AS_JSON, DATE, SERVED, ready_of

NO_LIST = "This bundle has no list of coming fixtures; `sabiscore update` makes one that has."
NONE_LISTED = "No fixture is listed for these days."


@click.command("fixtures")
@click.option("--league", shell_complete=leagues, help="Only of this league: its name or code.")
@click.option(
    "--from", "since", type=DATE, show_default="the next seven days", help="First day, of all (UTC)."
)
@SERVED
@AS_JSON
def fixtures_command(
    league: str | None, since: datetime | None, bundle: str | None, *, as_json: bool
) -> None:
    """Show the fixtures to come with what is said of them, of the next seven days or of all --from a day on.

    They are those of the bundle that `serve` would serve; where the list has odds, these count. --json prints what
    GET /api/v1/fixtures answers.

    Example: sabiscore fixtures --league EPL --from 2025-08-30
    """
    from sabiscore.api.listing import Choice, FixturesPage, FixturesQuery, page, window
    from sabiscore.cli.drawing import draw_fixtures
    from sabiscore.clock import CLOCK
    from sabiscore.data.coming import MOST_FIXTURES
    from sabiscore.domain import ModelInfo
    from sabiscore.service import PredictionService

    ready = ready_of(bundle)
    service = PredictionService(ready.forecaster, catalogue=ready.catalogue)
    asked = FixturesQuery(since=since.date() if since else msgspec.UNSET, limit=MOST_FIXTURES)
    found = service.league(league) if league else None
    choice = Choice(found, None, *window(asked, CLOCK.now().date()))
    note = None if ready.answered else NO_LIST
    rows = ready.answered.coming.rows if ready.answered else ()
    body = page(rows, asked, choice, ModelInfo(service.version, service.data_through), note)
    if as_json:
        click.echo(msgspec.json.format(body, indent=2))
        return
    fixtures = msgspec.json.decode(body, type=FixturesPage).fixtures
    draw_fixtures(fixtures)
    if not fixtures:
        click.echo(note or NONE_LISTED)


@click.command("table")
@click.argument("league", shell_complete=leagues)
@SERVED
@AS_JSON
def table_command(league: str, bundle: str | None, *, as_json: bool) -> None:
    """Show the table of LEAGUE by its own rules, with what may become of each club.

    LEAGUE is a name or code. The table is that of the bundle that `serve` would serve; --json prints what
    GET /api/v1/leagues/{league}/table answers.

    Example: sabiscore table "Premier League"
    """
    from sabiscore.cli.drawing import draw_table
    from sabiscore.service import PredictionService

    ready = ready_of(bundle)
    found = PredictionService(ready.forecaster, catalogue=ready.catalogue).league(league)
    table = ready.season.table(found) if ready.season else None
    if table is None:
        raise click.ClickException(
            f"this bundle has no match of {found.name}; `sabiscore update` makes one that has"
        )
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(table), indent=2))
    else:
        draw_table(table)
