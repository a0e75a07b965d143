"""The page of the bylaw models, made from their files: `docs/models.md`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from coopbooks.statutes.laws import Law, LawFigure, law
from coopbooks.statutes.models import Model, figures_of, models

__all__ = ["models_page"]

_HEAD = """\
# Bylaw models

<!-- Made from the files of the models by `make docs`; a test fails when it is not up to date. -->

`coopbooks init DIR --model ID` writes the books of a new cooperative with one of these as its bylaws. Each is a draft to
edit and to vote on. None is legal advice or tax advice: laws are cited as they were read on the day beside them, and
every model says below what it leaves out, what it leaves to counsel and what nobody has verified.

The figures are kept apart from the text: each law is one file in `coopbooks/statutes/`, each figure with its article, its
source and the days on which it is in force. A new cooperative gets the figures of its first day. Where the books name
the law (`bylaw "statute"`), `coopbooks check` compares every later rule with it: more than the law asks for is fine,
less is an error.
"""


def models_page() -> str:
    """The page `docs/models.md` in Markdown."""
    every = models()
    index = [f"- [`{each.id}`](#{each.id}): {_cell(each.title)}" for each in every]
    return "\n".join([_HEAD, *index, "", *(_section(each) for each in every)])


def _section(model: Model) -> str:
    about = f"{model.title}. Source: {model.law}; read on {model.read_on}."
    lines = [
        f"## {model.id}",
        "",
        f"{about} Currency {model.currency}, fiscal year to {model.year_ends} unless you say otherwise.",
        "",
        "Made of:",
        "",
        *_table(model),
        "",
    ]
    if model.movement_note:
        lines += [f"Movement funds: {model.movement_note}", ""]
    for head, items in (
        ("Left out", model.left_out),
        ("Left to counsel", model.counsel),
        ("Not verified", model.unverified),
    ):
        lines += [f"{head}:", "", *([f"- {item}" for item in items] or ["- nothing"]), ""]
    return "\n".join(lines)


def _table(model: Model) -> Iterator[str]:
    """Every figure of the model's laws; those that its text uses are marked."""
    used = {(each.law.id, each.name) for each in figures_of(model)}
    for law_id in model.statutes:
        source = law(law_id)
        yield f"{source.title} (`{source.id}`; {source.source}):"
        yield ""
        yield "| figure | article | says | value | in force | read | in the text |"
        yield "|---|---|---|---|---|---|---|"
        for figure in source.figures:
            yield _row(source, figure, in_text=(law_id, figure.name) in used)
        yield ""


def _row(source: Law, figure: LawFigure, *, in_text: bool) -> str:
    senses = {"at-least": "at least", "at-most": "at most", "exactly": ""}
    units = {"share": "", "amount": "", "number": ""}
    value = " ".join(part for part in (senses[figure.sense], figure.value, units.get(figure.unit, figure.unit)) if part)
    cells: Sequence[str] = (
        f"`{figure.name}`",
        figure.article,
        figure.says,
        f"{value} of {figure.of}" if figure.of else value,
        _days(figure),
        str(source.read_on) if figure.verified else "not verified",
        "yes" if in_text else "",
    )
    return f"| {' | '.join(map(_cell, cells))} |"


def _days(figure: LawFigure) -> str:
    since = f"from {figure.from_}" if figure.from_ else ""
    until = f"until {figure.until}" if figure.until else ""
    return " ".join(part for part in (since, until) if part) or "as far as known"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
