"""The main job on a real screen, played by a script: `on_screen.py PHOTO EXPORT` under a display.

Opens the photo, drags its crop, asks why, exports; prints what it saw as one JSON object.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtTest import QTest

from app.domain.session import Progress
from app.files.export import ExportFormat
from app.start import data_folder, make_application, make_controller
from app.window import MainWindow
from engine.vocabulary import Box


def main(photo: Path, target: Path) -> None:
    application = make_application()
    assert application is not None
    controller = make_controller(data_folder())
    window = MainWindow(controller)
    window.show()
    notices = []
    controller.noticed.connect(notices.append)
    controller.open_path(photo)
    until(lambda: controller.session is not None and not controller.session.unfinished)
    until(lambda: controller.picture is not None and controller.picture.complete)
    controller.add_crop(controller.session.framing.crops[0])
    crop = controller.session.framing.current_crop
    box = Box(0.25, 0.25, 0.75, 0.75)
    controller.change_crop(type(crop)(box))
    rest(0.3)

    size, view = controller.session.size, window.view
    corner = view.camera.to_screen((box.right * size.width, box.bottom * size.height))
    goal = view.camera.to_screen((0.9 * size.width, 0.65 * size.height))
    drag(view, corner, goal)
    dragged = controller.session.framing.current_crop.box
    rest(0.3)

    screen = window.screen().grabWindow(0).toImage()

    def colour(x: float, y: float) -> list[int]:
        at = view.camera.to_screen((x * size.width, y * size.height))
        point = view.mapToGlobal(QPoint(round(at[0]), round(at[1])))
        return list(screen.pixelColor(point).getRgb()[:3])

    inside, outside = colour(0.6, 0.5), colour(0.1, 0.5)
    controller.ask_why()
    until(lambda: controller.session.answers[-1].progress is Progress.DONE)
    answer = controller.session.answers[-1]
    controller.export(target, ExportFormat.PNG)
    until(lambda: bool(notices))
    facts = {
        "platform": application.platformName(),
        "dragged": list(dragged),
        "inside": inside,
        "outside": outside,
        "impression": controller.session.critique.impression,
        "for": answer.arguments_for,
        "against": answer.arguments_against,
        "about": list(answer.crop.box),
        "notice": notices[-1].text,
        "modules": sorted({name.split(".")[0] for name in sys.modules}),
    }
    window.close()
    controller.shut_down()
    print(json.dumps(facts))


def drag(view, start, goal) -> None:
    """Press, move in steps, release, as a hand does."""
    a, b = (QPoint(round(p[0]), round(p[1])) for p in (start, goal))
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=a)
    for step in range(1, 11):
        QTest.mouseMove(view, a + (b - a) * step / 10)
        rest(0.02)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=b)


def rest(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def until(truth, *, seconds: float = 60) -> None:
    for _ in range(round(seconds / 0.05)):
        if truth():
            return
        rest(0.05)
    raise TimeoutError("the window did not come so far")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
