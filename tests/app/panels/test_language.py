"""A translation that is there is spoken by widgets that are made afterwards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from app.panels.ask_box import AskBox
from app.panels.language import install_language

SOURCE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de"><context><name>AskBox</name><message>
<source>Your question about this photo</source>
<translation>Deine Frage zu diesem Foto</translation>
</message></context></TS>
"""
RELEASE = "from PySide6.scripts.pyside_tool import lrelease; lrelease()"


def compiled(folder: Path) -> Path:
    source = folder / "venus_de.ts"
    source.write_text(SOURCE, "utf-8")
    command = (sys.executable, "-c", RELEASE, str(source), "-qm", str(folder / "venus_de.qm"))
    subprocess.run(command, check=False, capture_output=True)
    assert (folder / "venus_de.qm").is_file()
    return folder


def names(box: AskBox) -> list[str]:
    return [child.accessibleName() for child in box.children() if hasattr(child, "accessibleName")]


def test_a_compiled_translation_is_spoken(qtbot: QtBot, tmp_path: Path) -> None:
    installed = install_language("de", folder=compiled(tmp_path))
    box = AskBox()
    qtbot.addWidget(box)
    spoken = names(box)
    for translator in installed:
        QCoreApplication.removeTranslator(translator)
    assert "Deine Frage zu diesem Foto" in spoken


def test_a_language_that_is_not_there_leaves_english(qtbot: QtBot, tmp_path: Path) -> None:
    assert install_language("en", folder=tmp_path) == ()
    install_language("xx", folder=tmp_path)
    box = AskBox()
    qtbot.addWidget(box)
    assert "Your question about this photo" in names(box)
