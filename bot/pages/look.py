"""The templates and the files of the look, for the pages that are built on them."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from bot.pages.safety import SafetyHeaders


def templates(package: str) -> Environment:
    """Return the templates of a package, which may extend `base.html` and escape everything by themselves."""
    folders = [_folder(package, "templates"), _folder("bot.pages", "templates")]
    return Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def assets(path: str, package: str) -> Mount:
    """Serve the `static` folder of a package under a path."""
    return Mount(path, StaticFiles(directory=_folder(package, "static")), middleware=[Middleware(SafetyHeaders)])


def _folder(package: str, name: str) -> Path:
    return Path(str(resources.files(package))) / name
