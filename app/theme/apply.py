"""Puts a theme on the running application: the Fusion style, a palette, a small stylesheet.

The platform's own dark mode is not there everywhere, so both themes are ours; changing one for the
other while the window is open needs nothing else.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from app.domain.settings import Theme
from app.theme.stylesheet import stylesheet
from app.theme.tokens import Tokens, tokens_of

_CURRENT = "venus_theme"


def apply_theme(theme: Theme) -> None:
    """Show every window of the running application in `theme`, now."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        raise RuntimeError("a theme needs a running QApplication")
    if application.property(_CURRENT) == theme.value:
        return
    application.setProperty(_CURRENT, theme.value)
    tokens = tokens_of(theme)
    application.setStyle("Fusion")
    application.setPalette(palette(tokens))
    application.setStyleSheet(stylesheet(tokens))


def current_tokens() -> Tokens:
    """The tokens of the theme that is on; the dark ones before any was applied."""
    application = QApplication.instance()
    value = application.property(_CURRENT) if application is not None else None
    return tokens_of(Theme(value) if value else Theme.DARK)


def palette(tokens: Tokens) -> QPalette:
    """The theme's tokens in Qt's roles."""
    roles = QPalette.ColorRole
    colours = {
        roles.Window: tokens.window,
        roles.WindowText: tokens.text,
        roles.Base: tokens.field,
        roles.AlternateBase: tokens.raised,
        roles.Text: tokens.text,
        roles.PlaceholderText: tokens.muted,
        roles.Button: tokens.raised,
        roles.ButtonText: tokens.text,
        roles.BrightText: tokens.bad,
        roles.ToolTipBase: tokens.raised,
        roles.ToolTipText: tokens.text,
        roles.Highlight: tokens.accent,
        roles.HighlightedText: tokens.on_accent,
        roles.Link: tokens.accent,
        roles.LinkVisited: tokens.accent,
        roles.Accent: tokens.accent,
        roles.Light: tokens.hover,
        roles.Midlight: tokens.hover,
        roles.Mid: tokens.line,
        roles.Dark: tokens.line,
        roles.Shadow: tokens.surround,
    }
    result = QPalette()
    for role, colour in colours.items():
        result.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.disabled))
    return result


def set_role(widget: QWidget, role: str) -> None:
    """Name what a widget is to the stylesheet, and show it so."""
    if widget.property("role") == role:
        return
    widget.setProperty("role", role)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)


def keep_room(widget: QWidget) -> None:
    """Let the stylesheet paint the ground of a plain QWidget."""
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)
