"""The commands.

Each command imports what it needs when it runs, so that `--help` does not wait for CatBoost.
"""

from typing import Any

import click

from sabiscore.cli.bulk import export_command, score_command
from sabiscore.cli.bundles import bundle_group, update_command
from sabiscore.cli.completion import completion_command
from sabiscore.cli.offline import backtest_command, evaluate_command, pull_command, train_command
from sabiscore.cli.record import record_group
from sabiscore.cli.season import fixtures_command, table_command
from sabiscore.cli.serving import predict_command, serve_command
from sabiscore.errors import SabiScoreError, UnknownNameError

MOST_MEANT = 4
"""Names that are suggested for one that nobody has."""

INTERRUPTED = 130
"""The exit status after Ctrl-C, as shells have it."""


class _Commands(click.Group):
    """Says what went wrong in one line; a traceback is for faults of ours."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        try:
            return super().invoke(ctx)
        except UnknownNameError as error:
            meant = " or ".join(error.closest[:MOST_MEANT])
            raise click.ClickException(
                f"{error.said} Did you mean {meant}?" if meant else error.said
            ) from error
        except SabiScoreError as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if error.filename is None:
                raise
            raise click.ClickException(f"{error.filename}: {error.strerror}") from error
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            raise click.exceptions.Exit(INTERRUPTED) from None


@click.group(cls=_Commands)
@click.version_option(package_name="sabiscore")
def main() -> None:
    """Honest football probabilities, calibrated and explained."""


for _command in (
    serve_command,
    predict_command,
    fixtures_command,
    table_command,
    score_command,
    export_command,
    pull_command,
    train_command,
    evaluate_command,
    backtest_command,
    update_command,
    bundle_group,
    record_group,
    completion_command,
):
    main.add_command(_command)
