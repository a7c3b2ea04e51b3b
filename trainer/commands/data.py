"""`venus-trainer data`: checks training files, builds them from annotations, parts them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from engine.choice import Wording
from trainer.commands.command import CommandError, Parsers, fail
from trainer.commands.files import read_samples, require_apart, tell, write_samples
from trainer.data import layouts
from trainer.data.checks import Length, check, report_text
from trainer.data.cropping import Words as CropWords
from trainer.data.cropping import crop_samples
from trainer.data.guidance import Words as GuidanceWords
from trainer.data.guidance import joined, progressive, read_annotations
from trainer.data.layouts import Annotated
from trainer.data.problem import DataError, Problem
from trainer.data.rationales import read_rationales
from trainer.data.splits import split
from trainer.data.wordings import prompts

if TYPE_CHECKING:
    from trainer.data.sample import Sample

_FORMS = {"progressive": Wording.PAPER, "joined": Wording.RELEASE}
"""The form of Stage 1's samples, and the prompts that are asked in it."""

_SETS = {
    "flms": ("FLMS: its folder, with images/ and json/", 1),
    "fcdb": ("FCDB: its JSON file, and the folder of its pictures", 2),
    "gaicd": ("GAICD: its folder, with images/ and annotations/", 1),
    "cpc": ("CPC: the folder of its annotations, and that of its pictures", 2),
}


def add(parsers: Parsers) -> None:
    """Make the command and its four kinds known."""
    data = parsers.add_parser("data", help="check training files, and build them")
    kinds = data.add_subparsers(metavar="WHAT", required=True)

    checking = kinds.add_parser("check", help="look for what is wrong in a training file")
    checking.add_argument("file", type=Path, help="the authors' JSON, or our own lines")
    checking.add_argument("--root", type=Path, help="where its photos lie (the file's folder)")
    checking.add_argument(
        "--checkpoint", type=Path, metavar="DIR", help="count tokens in this model's words"
    )
    checking.add_argument(
        "--max-length", type=int, default=2048, metavar="N", help="most tokens of a sample (2048)"
    )
    checking.add_argument("--good", type=Path, metavar="OUT", help="write the good samples here")
    checking.set_defaults(run=_check)

    guidance = kinds.add_parser(
        "guidance",
        help="Stage 1: from annotated photos to training lines",
        epilog="A line of ANNOTATIONS, all of it text: "
        '{"photo": "a.jpg", "score": "Good.", "analysis": "The light …", "guidance": "Step …"}',
    )
    guidance.add_argument(
        "annotations", type=Path, metavar="ANNOTATIONS", help="a JSONL file, a photo a line (below)"
    )
    guidance.add_argument(
        "--form",
        choices=_FORMS,
        required=True,
        help="progressive: score, analysis, guidance as turns, as in the paper;"
        " joined: one answer, as released",
    )
    guidance.add_argument("--out", type=Path, required=True, metavar="FILE", help="what to write")
    guidance.set_defaults(run=_guidance)

    crops = kinds.add_parser("crops", help="Stage 2: from crop boxes to training lines")
    sets = crops.add_subparsers(metavar="SET", required=True)
    for name, (told, places) in _SETS.items():
        layout = sets.add_parser(name, help=told, description=told)
        layout.add_argument("places", type=Path, nargs=places, metavar="PLACE", help=told)
        layout.add_argument("--root", type=Path, help="photos are named relative to this folder")
        layout.add_argument(
            "--words",
            choices=[Wording.PAPER.value, Wording.RELEASE.value],
            default=Wording.PAPER.value,
            help="whose questions are asked (paper)",
        )
        layout.add_argument(
            "--rationales",
            type=Path,
            metavar="FILE",
            help="JSONL: why boxes are good or bad, as fractions of the photo:"
            ' {"photo": "a.jpg", "box": [0.1, 0, 0.9, 0.8], "verdict": "good", "text": "It …"}',
        )
        layout.add_argument(
            "--no-bad-crops", action="store_true", help="leave out the whys of bad boxes"
        )
        layout.add_argument("--out", type=Path, required=True, metavar="FILE", help="what to write")
        layout.set_defaults(run=_crops, layout=name)

    parting = kinds.add_parser("split", help="part training lines from held-out ones, by photo")
    parting.add_argument("files", type=Path, nargs="+", metavar="FILE", help="training files")
    parting.add_argument(
        "--held-out", type=share, default=0.05, metavar="SHARE", help="of the photos (0.05)"
    )
    parting.add_argument("--seed", type=int, default=0, help="which photos are held out (0)")
    parting.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="for training.jsonl, held-out.jsonl"
    )
    parting.set_defaults(run=_split)


def share(text: str) -> float:
    """A number from 0 to below 1."""
    value = float(text)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a share from 0 to below 1")
    return value


def _check(options: argparse.Namespace) -> int:
    samples, problems = read_samples(options.file)
    root = options.root or options.file.parent
    if not root.is_dir():
        raise CommandError(f"There is no folder {root}: say where the photos lie (--root).")
    if options.good:
        require_apart(options.good, options.file)
    length = None if options.checkpoint is None else _length(options.checkpoint, root)
    report = check(
        samples, root, problems=problems, length=length, max_length=options.max_length, decode=True
    )
    print(report_text(report))
    if options.good:
        write_samples(report.good, options.good)
        print(f"{options.good} holds the good ones.")
    return 1 if report.problems else 0


def _length(checkpoint: Path, root: Path) -> Length:
    """Counts a sample's tokens in a checkpoint's words, its photo's included."""
    from engine.venus.families.registry import recognise
    from engine.venus.qwen_vl.errors import CheckpointError
    from trainer.data.encode import Example, encode

    try:
        family = recognise(checkpoint)
        processor = family.processor(family.read(checkpoint))
    except CheckpointError as error:
        fail(error)
    unbounded = 1 << 62

    def length(sample: Sample) -> int:
        found = encode(sample, processor, root, max_length=unbounded)
        return len(found.ids) if isinstance(found, Example) else 0

    return length


def _guidance(options: argparse.Namespace) -> int:
    require_apart(options.out, options.annotations)
    asked = prompts(_FORMS[options.form])
    words = GuidanceWords(
        score=asked.impression.words, analysis=asked.analysis.words, guidance=asked.guidance.words
    )
    try:
        annotations, problems = read_annotations(options.annotations)
    except DataError as error:
        fail(error)
    build = progressive if options.form == "progressive" else joined
    return _built(build(annotations, words), problems, options.out)


def _crops(options: argparse.Namespace) -> int:
    asked = prompts(Wording(options.words))
    words = CropWords(
        crop=asked.crop.words, why_good=asked.why_for.words, why_bad=asked.why_against.words
    )
    known, problems = None, []
    try:
        if options.rationales is not None:
            require_apart(options.out, options.rationales)
            known, problems = read_rationales(options.rationales)
        found = list(getattr(layouts, options.layout)(*options.places))
    except DataError as error:
        fail(error)
    annotated = [each for each in found if isinstance(each, Annotated)]
    problems += [each for each in found if isinstance(each, Problem)]
    samples = crop_samples(
        annotated,
        words,
        root=options.root or options.places[-1],
        rationales=known,
        bad_crops=not options.no_bad_crops,
    )
    if known:
        unused = known.keys() - {sample.photo for sample in samples}
        if unused:
            print(f"{len(unused)} photos of {options.rationales} have no crop: {min(unused)}, …")
    return _built(samples, problems, options.out)


def _built(samples: list[Sample], problems: list[Problem], out: Path) -> int:
    """Write what was built and say so; 1 where something had to be left out."""
    tell(problems)
    if not samples:
        raise CommandError(f"Nothing can be built from this, so {out} was not written.")
    write_samples(samples, out)
    turns = sum(len(each.exchanges) for each in samples)
    photos = len({each.photo for each in samples})
    print(f"{out}: {len(samples)} samples, {turns} turns, {photos} photos.")
    return 1 if problems else 0


def _split(options: argparse.Namespace) -> int:
    samples: list[Sample] = []
    problems: list[Problem] = []
    for file in options.files:
        found, wrong = read_samples(file)
        samples += found
        problems += wrong
    tell(problems)
    parted = split(samples, held_out=options.held_out, seed=options.seed)
    for name, side in (("training", parted.training), ("held-out", parted.held_out)):
        write_samples(side, options.out / f"{name}.jsonl")
        photos = len({each.photo for each in side})
        print(f"{options.out / f'{name}.jsonl'}: {len(side)} samples, {photos} photos.")
    return 1 if problems else 0
