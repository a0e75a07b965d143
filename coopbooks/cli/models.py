"""`models`: the bylaw models that `init` starts from, and their sources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from coopbooks.cli.call import Call, Form, publish, shaped
from coopbooks.cli.layout import Block, Column, Line, grid

__all__ = ["models"]


def _blocks(data: list[dict[str, Any]]) -> Iterator[Block]:
    columns = [Column("id"), Column("title"), Column("law"), Column("read on", spare=True)]
    yield grid(columns, ([row["id"], row["title"], row["law"], row["read_on"]] for row in data))
    yield Line(
        "Each is a draft to edit and to vote on, and no legal advice. What a model leaves out, and what it leaves to"
    )
    yield Line("counsel, stands at the head of the bylaws that `coopbooks init DIR --model ID` writes.")


MODELS = Form(_blocks, ("id", "title", "law", "read_on"), lambda data: data)


@click.command(short_help="List the bylaw models and their sources.")
@shaped
def models(shape: str) -> int:
    """List the bylaw models: whose law or bylaws each is made from, and the day on which our copy was read.

    \b
    Example:   coopbooks models
    CSV:       one row a model: id, title, law, read_on
    """
    from coopbooks.cooperative import bylaw_models

    publish(Call("", shape, None), MODELS, bylaw_models())
    return 0
