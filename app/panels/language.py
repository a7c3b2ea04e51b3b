"""Puts the window into the photographer's language: our translations, and Qt's own."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QTranslator

SOURCE_LANGUAGE = "en"


def install_language(language: str, *, folder: Path | None = None) -> tuple[QTranslator, ...]:
    """Install what there is for `language`, such as "de": `venus_de.qm` from `folder`
    (resources/translations unless given) and Qt's texts. The texts in the code are English.

    Widgets that are made afterwards speak it. The application owns the translators.
    """
    application = QCoreApplication.instance()
    if application is None or language == SOURCE_LANGUAGE:
        return ()
    ours = folder if folder is not None else Path(str(files("resources"))) / "translations"
    qt = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    translator = QTranslator(application)
    if not translator.load(str(ours / f"venus_{language}.qm")):
        return ()  # Qt's words alone would make a window of two languages
    of_qt = QTranslator(application)
    found = (of_qt, translator) if of_qt.load(str(qt / f"qtbase_{language}.qm")) else (translator,)
    for each in found:
        application.installTranslator(each)
    return found
