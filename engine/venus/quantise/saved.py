"""A model in few bits, kept in a folder as it is held, so that it is rounded only once."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from engine.contract import Progress
from engine.stop import Stop
from engine.venus.family import Source
from engine.venus.quantise.holding import Held, Part
from engine.venus.quantise.plan import Plan
from engine.venus.quantise.shell import Shell

FORMAT: Final = 1
MANIFEST: Final = "held.json"
SHARD: Final = 2**30
"""Bytes of one file: as much is copied to the computer's memory at a time."""
IDENTIFYING: Final = frozenset({".safetensors", ".bin", ".json"})
GB: Final = 1e9


class BrokenError(Exception):
    """A kept copy cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Copy:
    """The folder of one checkpoint held in one way, and what must be written in it to be valid."""

    folder: Path
    identity: dict[str, Any]

    @classmethod
    def of(cls, cache: Path, source: Source, plan: Plan) -> Copy | None:
        """Where the copy belongs; None for a plan that rounds nothing: its checkpoint will do."""
        if not any(holding.held.quantised for holding in plan.holdings.values()):
            return None
        how = {part.value: plan.of(part).held.value for part in Part}
        how |= {"compute": plan.compute.value, "packed": str(plan.packed)}
        folder = cache / f"{_named(str(source.folder.resolve()))}-{_named(json.dumps(how))}"
        versions = {"format": FORMAT, "bitsandbytes": _version(plan)}
        return cls(folder, {"held": how, "files": _files(source), **versions})

    @property
    def there(self) -> bool:
        return self.folder.is_dir()

    def restore(self, shell: Shell, stop: Stop) -> Iterator[Progress]:
        """Give a shell all its tensors as they were held. Raises BrokenError; stops half-way."""
        manifest = self._manifest()
        # For `_forget_others`: used now.
        os.utime(self.folder)
        sums: dict[str, int] = manifest["sums"]
        whole = max(int(manifest["bytes"]), 1)
        read = 0
        leaves = Counter(name.partition("|")[0] for name in sums)
        narrow: dict[str, dict[str, Tensor]] = {}
        given: set[str] = set()
        for shard in manifest["shards"]:
            for name, tensor in self._tensors(shard):
                if stop():
                    return
                if _sum(tensor) != sums.get(name):
                    raise self._broken(f"{shard} is damaged at {name}")
                given.add(name)
                read += tensor.nbytes
                weight, _, leaf = name.partition("|")
                if leaf:
                    narrow.setdefault(weight, {})[leaf] = tensor
                elif name in shell.expected:
                    shell.put(name, tensor)
                if leaf and len(narrow[weight]) == leaves[weight]:
                    self._restore(shell, weight, narrow.pop(weight))
                fraction = min(read / whole, 1.0)
                text = f"Reading rounded weights: {read / GB:.1f} of {whole / GB:.1f} GB"
                yield Progress(fraction, text)
        if given != set(sums) or not shell.complete:
            raise self._broken("tensors are missing")

    def save(
        self, shell: Shell, stop: Stop, *, begun: float = 0.0
    ) -> Generator[Progress, None, list[str]]:
        """Keep what a filled shell holds; the notes say so where that is not possible.

        Written apart and renamed when whole; a copy that lay there is replaced, and of several
        ways of holding one checkpoint the last two are kept. The fractions of progress start at
        `begun`.
        """
        tensors = _everything(shell)
        whole = sum(tensor.nbytes for _, tensor in tensors)
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self.folder.parent).free
            if free < whole + SHARD:
                return [
                    f"The rounded weights were not kept: they need {whole / GB:.1f} GB in"
                    f" {self.folder.parent}, where {free / GB:.1f} GB are free."
                ]
            apart = Path(mkdtemp(prefix=".saving-", dir=self.folder.parent))
        except OSError as error:
            return [_not_kept(self.folder.parent, error)]
        try:
            finished = yield from self._write(tensors, apart, stop, begun=begun)
            if finished:
                if self.there:
                    shutil.rmtree(self.folder)
                apart.replace(self.folder)
                self._forget_others()
        except OSError as error:
            return [_not_kept(self.folder.parent, error)]
        finally:
            shutil.rmtree(apart, ignore_errors=True)
        return []

    def _write(
        self, tensors: list[tuple[str, Tensor]], apart: Path, stop: Stop, *, begun: float
    ) -> Generator[Progress, None, bool]:
        whole = max(sum(tensor.nbytes for _, tensor in tensors), 1)
        sums: dict[str, int] = {}
        shards: list[str] = []
        written = 0
        for number, group in enumerate(_groups(tensors)):
            if stop():
                return False
            on_host = {name: tensor.detach().cpu().contiguous() for name, tensor in group}
            sums |= {name: _sum(tensor) for name, tensor in on_host.items()}
            shards.append(f"held-{number:05}.safetensors")
            save_file(on_host, apart / shards[-1])
            written += sum(tensor.nbytes for tensor in on_host.values())
            text = f"Keeping rounded weights: {written / GB:.1f} of {whole / GB:.1f} GB"
            yield Progress(begun + (1 - begun) * written / whole, text)
        manifest = {**self.identity, "shards": shards, "sums": sums, "bytes": written}
        (apart / MANIFEST).write_text(json.dumps(manifest), "utf-8")
        return True

    def _forget_others(self) -> None:
        """Keep two copies of this checkpoint: the plan may change with the free memory."""
        of_checkpoint = f"{self.folder.name.partition('-')[0]}-*"
        others = [each for each in self.folder.parent.glob(of_checkpoint) if each != self.folder]
        for old in sorted(others, key=lambda each: each.stat().st_mtime)[:-1]:
            shutil.rmtree(old)

    def _manifest(self) -> dict[str, Any]:
        try:
            manifest = json.loads((self.folder / MANIFEST).read_text("utf-8"))
            was = {name: manifest[name] for name in self.identity}
            _ = manifest["shards"], manifest["sums"], manifest["bytes"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._broken("its list of contents cannot be read") from error
        if was != self.identity:
            changed = [name for name in self.identity if was[name] != self.identity[name]]
            raise BrokenError(
                f"The rounded weights kept in {self.folder} are of another"
                f" {' and '.join('checkpoint' if each == 'files' else each for each in changed)}"
            )
        return manifest

    def _tensors(self, shard: str) -> Iterator[tuple[str, Tensor]]:
        try:
            with safe_open(self.folder / shard, framework="pt") as opened:
                for name in opened.keys():  # noqa: SIM118  (not a dict)
                    yield name, opened.get_tensor(name)
        except (SafetensorError, OSError) as error:
            raise self._broken(f"{shard} cannot be read") from error

    def _restore(self, shell: Shell, weight: str, raw: dict[str, Tensor]) -> None:
        try:
            shell.restore(weight, raw)
        except KeyError as error:
            raise self._broken(f"{weight} is not held as the plan says") from error

    def _broken(self, why: str) -> BrokenError:
        return BrokenError(f"The rounded weights kept in {self.folder} are broken ({why})")


def _everything(shell: Shell) -> list[tuple[str, Tensor]]:
    narrow = [
        (f"{name}|{leaf}", tensor)
        for name, layer in shell.narrow.items()
        for leaf, tensor in layer.raw().items()
    ]
    return [*shell.plain(), *narrow]


def _groups(tensors: list[tuple[str, Tensor]]) -> Iterator[list[tuple[str, Tensor]]]:
    group: list[tuple[str, Tensor]] = []
    size = 0
    for name, tensor in tensors:
        if group and size + tensor.nbytes > SHARD:
            yield group
            group, size = [], 0
        group.append((name, tensor))
        size += tensor.nbytes
    yield group


def _sum(tensor: Tensor) -> int:
    """A checksum of a tensor's bytes."""
    return zlib.crc32(tensor.reshape(-1).view(torch.uint8).numpy().data)


def _named(text: str) -> str:
    """A short name of a file for any text."""
    return sha256(text.encode()).hexdigest()[:16]


def _files(source: Source) -> list[list[Any]]:
    """The files that a checkpoint is made of, with their sizes and times."""
    found = []
    for folder in source.folders:
        for file in sorted(folder.iterdir()):
            if file.suffix in IDENTIFYING and file.is_file():
                status = file.stat()
                found.append([str(file.resolve()), status.st_size, status.st_mtime_ns])
    return found


def _version(plan: Plan) -> str:
    """Of the library whose layout the tensors have."""
    if not any(holding.held is Held.NF4 for holding in plan.holdings.values()):
        return ""
    from engine.venus.quantise.nf4 import VERSION

    return VERSION


def _not_kept(folder: Path, error: OSError) -> str:
    return f"The rounded weights were not kept in {folder}: {error.strerror or error}."
