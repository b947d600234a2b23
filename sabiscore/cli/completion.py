"""Completion in shells, of leagues and clubs too."""

import click
from click.shell_completion import CompletionItem, get_completion_class

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_SABISCORE_COMPLETE"


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def completion_command(shell: str) -> None:
    """Print what makes SHELL (bash, zsh, fish) complete commands, options, leagues and clubs.

    In ~/.bashrc or ~/.zshrc: eval "$(sabiscore completion bash)", or zsh. In fish: sabiscore completion fish | source.

    Example: sabiscore completion bash
    """
    root = click.get_current_context().find_root().command
    maker = get_completion_class(shell)
    assert maker is not None  # noqa: S101 - click has these three
    click.echo(maker(root, {}, "sabiscore", VARIABLE).source())


def leagues(_: click.Context, __: click.Parameter, typed: str) -> list[CompletionItem]:
    """Codes of leagues that begin so, in capitals or not, and names that do, as a word."""
    from sabiscore.data import catalogue
    from sabiscore.data.ids import slug

    return [
        CompletionItem(each, help=f"{league.name}, {league.country}")
        for league in catalogue.load().leagues
        for each in ((league.code, slug(league.name)) if typed else (league.code,))
        if each.lower().startswith(slug(typed))
    ]


def clubs(context: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    """Clubs whose names begin so, as a word: of the league that is given, or else of all."""
    from sabiscore.data import catalogue
    from sabiscore.data.ids import slug
    from sabiscore.errors import UnknownLeagueError

    known = catalogue.load()
    try:
        chosen = [known.league(context.params["league"])] if context.params.get("league") else known.leagues
    except UnknownLeagueError:
        chosen = known.leagues
    found = {slug(club.name): club.name for league in chosen for club in known.clubs(league)}
    return [
        CompletionItem(each, help=name)
        for each, name in sorted(found.items())
        if each.startswith(slug(typed))
    ]
