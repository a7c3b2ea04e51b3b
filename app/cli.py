"""The command line: `venus [PHOTO]` opens the window; `venus critique PHOTO…` and `venus models …`
need none.

No Qt here, and nothing heavy before it is needed: the engine process starts first.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final

from app.critique import PLAIN, Result, Wish, critique, loaded
from app.domain.choosing import named_choice
from app.domain.report import report, schema
from app.domain.settings import Language, Tightness
from app.files.errors import FileError, FolderError
from app.files.folder import photos_in
from app.terminal import Printer
from engine.choice import BUILTIN, EngineChoice
from engine.contract import EngineError, Progress
from engine.process import ProcessEngine
from engine.vocabulary import Aspect, EngineInfo, Failed
from resources.samples import RACCOON

OK: Final = 0
SOME_FAILED: Final = 1
INTERRUPTED: Final = 130
READER_GONE: Final = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["--engine-host"]:  # a frozen build starts its engine process like this
        from engine.host import main as serve

        serve()
    if given[:1] == ["critique"]:
        options = _critique_parser().parse_args(given[1:])
        return _told(lambda: _critique_command(options))
    if given[:1] == ["models"]:
        from app.models import models_command

        return _told(lambda: models_command(given[1:]))
    if given[:1] == ["review"]:
        from app.reviewing import review_command

        return review_command(given[1:], display=display_is_there())
    photo = _window_parser().parse_args(given).photo
    if display_is_there():
        from app.start import show_window

        status = show_window(photo)
        if status is not None:
            return status
    print("There is no display here: the critique goes to the terminal.", file=sys.stderr)
    return _told(lambda: critique_in_terminal(photo or RACCOON))


def _told(run: Callable[[], int]) -> int:
    """Run what prints. Where nobody reads on, as behind `| head`, end without a word."""
    try:
        status = run()
        sys.stdout.flush()
    except BrokenPipeError:
        # Python writes out at its end what is still in store: let it go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"venus: the answer cannot be written: {error.strerror}.", file=sys.stderr)
        return SOME_FAILED
    return status


def display_is_there() -> bool:
    """Whether it is worth starting Qt: on Linux, whether the environment names a display."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return sys.platform != "linux" or any(os.environ.get(name) for name in names)


def _window_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="venus",
        description="Look at a photograph as a good teacher would.",
        epilog="`venus critique PHOTO…` answers without a window; `venus models` is about"
        " language models, `venus review FILE` judges drafts. Each has a --help.",
    )
    parser.add_argument("photo", nargs="?", type=Path, help="a photo, or a folder of photos")
    parser.add_argument("--version", action="version", version=f"Venus {version('venus-photo')}")
    return parser


def _critique_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="venus critique",
        description="Critique photos without a window. Exit status 1 if any photo failed.",
    )
    parser.add_argument(
        "photos", nargs="*", type=Path, metavar="PHOTO", help="a photo, or a folder of photos"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument("--schema", action="store_true", help="print the schema of that JSON")
    parser.add_argument("--annotate", type=Path, metavar="OUT.png", help="draw crops and findings")
    parser.add_argument("--aspect", type=_aspect, metavar="W:H", help="the crops' aspect ratio")
    parser.add_argument(
        "--tightness",
        type=Tightness,
        choices=list(Tightness),
        default=Tightness.AS_MEASURED,
        help="how bold the crops are (%(default)s)",
    )
    parser.add_argument(
        "--language",
        type=Language,
        choices=list(Language),
        default=Language.ENGLISH,
        help="what the built-in engine speaks (%(default)s)",
    )
    parser.add_argument(
        "--engine",
        default="builtin",
        metavar="ENGINE",
        help="builtin, a checkpoint's name or folder, or a server's address (%(default)s)",
    )
    parser.add_argument("--model", default="", help="which model of the server")
    return parser


def _aspect(text: str) -> Aspect:
    try:
        return Aspect.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _critique_command(options: argparse.Namespace) -> int:
    if options.schema:
        print(json.dumps(schema(), indent=2, ensure_ascii=False))
        return OK
    if not options.photos:
        _critique_parser().error("name at least one photo")
    photos = _with_folders(options.photos)
    if options.annotate and len(photos) > 1:
        _critique_parser().error("--annotate takes one photo")
    if options.annotate and options.annotate.suffix.lower() != ".png":
        _critique_parser().error("--annotate writes a PNG: give it a name that ends in .png")
    show = _print_json if options.json else _print_text
    wish = Wish(options.language, options.aspect, options.tightness)
    try:
        choice = named_choice(options.engine, model=options.model)
    except EngineError as error:
        print(f"venus: {error}", file=sys.stderr)
        return SOME_FAILED
    return _each(photos, show, wish, annotate=options.annotate, choice=choice)


def _with_folders(paths: Sequence[Path]) -> list[Path]:
    """The photos named, with those of each folder in its place."""
    photos: list[Path] = []
    for path in paths:
        inside: tuple[Path, ...] = ()
        if path.is_dir():
            with suppress(FolderError):
                inside = photos_in(path)
        photos += inside or (path,)  # a folder without photos is answered as what it is
    return photos


Show = Callable[[ProcessEngine, EngineInfo, Path, Wish], Result]


def _each(
    photos: Sequence[Path],
    show: Show,
    wish: Wish,
    *,
    annotate: Path | None,
    choice: EngineChoice = BUILTIN,
) -> int:
    engine = ProcessEngine(choice)
    status = OK
    try:
        info = loaded(engine, tell=None if choice == BUILTIN else _say_progress())
        for note in info.notes:
            print(f"venus: {note}", file=sys.stderr)
        for photo in photos:
            result = show(engine, info, photo, wish)
            if result.failure is not None:
                status = SOME_FAILED
            elif annotate is not None:
                status = max(status, _annotate(result, annotate))
    except EngineError as error:
        print(f"venus: {error}", file=sys.stderr)
        return SOME_FAILED
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED
    finally:
        engine.end()
    return status


def _say_progress() -> Callable[[Progress], None]:
    """Says each new step of a long loading."""
    said = ""

    def say(step: Progress) -> None:
        nonlocal said
        if step.text != said:
            said = step.text
            print(f"venus: {said}", file=sys.stderr, flush=True)

    return say


def _print_json(engine: ProcessEngine, info: EngineInfo, photo: Path, wish: Wish) -> Result:
    result = critique(engine, photo, info=info, wish=wish)
    line = report(
        photo,
        engine=info,
        seconds=result.seconds,
        session=result.session,
        failure=result.failure,
    )
    print(json.dumps(line, ensure_ascii=False), flush=True)
    return result


def _print_text(engine: ProcessEngine, info: EngineInfo, photo: Path, wish: Wish) -> Result:
    printer = Printer(sys.stdout, photo)
    result = critique(engine, photo, info=info, wish=wish, listener=printer.take)
    if result.failure is not None:
        _say_failure(photo, result.failure)
    elif result.session is not None:
        printer.end(result.session.size)
        print(f"\n{info.name}, {result.seconds:.1f} s", flush=True)
    return result


def _say_failure(photo: Path, failure: Failed) -> None:
    print(f"venus: {photo.name}: {failure.reason} {failure.remedy}", file=sys.stderr, flush=True)


def _annotate(result: Result, target: Path) -> int:
    from app.files.annotate import LONG_SIDE, annotated, write_annotated
    from engine.photo import PhotoError, read

    assert result.session is not None
    session = result.session
    try:
        photo = read(session.photo, long_side=LONG_SIDE)
        picture = annotated(photo, session.framing.crops, session.critique.findings)
        written = write_annotated(picture, target)
    except (FileError, PhotoError) as error:
        print(f"venus: {error}", file=sys.stderr)
        return SOME_FAILED
    print(f"Crops and findings are drawn in {written}", file=sys.stderr)
    return OK


def critique_in_terminal(photo: Path) -> int:
    """What `venus PHOTO` does where there is no display."""
    target = Path.cwd() / f"{photo.stem}.critique.png"
    return _each([photo], _print_text, PLAIN, annotate=target)


if __name__ == "__main__":
    sys.exit(main())
