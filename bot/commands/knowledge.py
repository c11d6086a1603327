"""`thscp kb`: check, list and approve the articles."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Check, list and approve the articles.")


@app.command()
def check() -> None:
    """Check that every article is complete, sourced, in date and readable; exit 1 if one is not."""
    from bot.clock import wall
    from knowledge import articles
    from knowledge import check as checks

    library = articles.load(articles.shipped())
    problems = checks.check(library, wall().date())
    for problem in problems:
        typer.echo(f"{problem.slug}: {problem.message}" + (f" ({problem.hint})" if problem.hint else ""))
    read = len(library.articles) + len(library.withdrawn)
    typer.echo(f"{read} articles read, {len(problems)} problems.")
    if problems:
        raise typer.Exit(1)


@app.command("list")
def show() -> None:
    """List the articles with their owner, their review date and whether they are approved or withdrawn."""
    from bot import app as wiring
    from bot.findings import settings_or_error
    from db import approvals
    from db.engine import transaction
    from knowledge import articles

    library = articles.load(articles.shipped())
    digests = {slug: article.digest for slug, article in library.articles.items()}
    with transaction(wiring.open_database(settings_or_error(), beside_server=True)) as session:
        waiting = set(approvals.waiting(session, digests))
    states = {slug: "waits for approval" if slug in waiting else "approved" for slug in library.articles}
    states |= dict.fromkeys(library.withdrawn, articles.WITHDRAWN)
    for slug, article in sorted({**library.articles, **library.withdrawn}.items()):
        state = states[slug]
        typer.echo(f"{slug:36} {state:20} review by {article.review_by.isoformat()}  {article.owner}")


@app.command()
def approve(
    slugs: Annotated[list[str] | None, typer.Argument(help="The articles to approve.", show_default=False)] = None,
    *,
    by: Annotated[str, typer.Option(help="The role that approves, such as 'Strategy Manager'; never a name.")],
    everything: Annotated[bool, typer.Option("--all", help="Approve every article that waits.")] = False,
) -> None:
    """Record that somebody of the partnership approved the present wording of articles."""
    from bot import app as wiring
    from bot.clock import wall
    from bot.findings import settings_or_error
    from db.engine import transaction
    from handlers import approvals
    from knowledge import articles

    if not slugs and not everything:
        raise typer.BadParameter("name the articles to approve, or say --all")
    library = articles.load(articles.shipped())
    with transaction(wiring.open_database(settings_or_error(), beside_server=True)) as session:
        wanted = list(library.articles) if everything else slugs or []
        done = approvals.approve(session, library, wanted, by=by, at=wall())
    typer.echo(f"Approved by the {by}: {', '.join(done) or 'nothing new'}.")
