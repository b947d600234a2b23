"""Whether the pages say what the program says; with ``--write`` they do.

uv run python -m tests.docs [--write]
"""

from difflib import unified_diff

import click

from sabiscore.api.openapi import DOCUMENT
from sabiscore.languages.wording import catalogue_of
from tests.docs.catalogues import OTHERS, is_stale, rewritten
from tests.docs.contract import document
from tests.docs.pages import pages
from tests.docs.tables import ROOT, render


@click.command()
@click.option("--write", is_flag=True, help="Rewrite what is out of date.")
def docs(*, write: bool) -> None:
    """Compare the parts between markers with the program; exit with 1 where one differs and is not rewritten."""
    found = [(path, old := path.read_text("utf-8"), render(old)) for path in pages()]
    found.append((DOCUMENT, DOCUMENT.read_text("utf-8") if DOCUMENT.exists() else "", document()))
    stale = [(path, old, new) for path, old, new in found if old != new]
    for path, old, new in stale:
        name = str(path.relative_to(ROOT))
        if write:
            path.write_text(new, encoding="utf-8")
            click.echo(f"{name}: rewritten")
        else:
            click.echo("\n".join(unified_diff(old.splitlines(), new.splitlines(), name, name, lineterm="")))
    outdated = [language for language in OTHERS if is_stale(language)]
    for language in outdated:
        click.echo(
            f"{catalogue_of(language, 'po').relative_to(ROOT)}: {'rewritten' if write else 'out of date'}"
        )
        for message in rewritten(language) if write else ():
            click.echo(f"  to be translated: {message}")
    if (stale or outdated) and not write:
        raise click.ClickException("out of date; `.ci/run docs --write` rewrites them")


if __name__ == "__main__":
    docs()
