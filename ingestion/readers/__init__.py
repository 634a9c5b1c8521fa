"""One module per file layout. A reader recognises its own layout or leaves the file alone; it never repairs.

A layout is found by being in a module of this folder, and says when its turn is to be asked (`asked`); layouts that no
header identifies are read only if sources.yaml names them.
"""

from collections.abc import Iterable
from types import ModuleType

from ingestion.found_modules import modules_in
from ingestion.readers.base import FileLayout, Layout


def layouts_of(modules: Iterable[ModuleType]) -> tuple[FileLayout | Layout, ...]:
    """The layouts found in the modules, those read from the file itself first, in the order of asking.

    Raises ValueError for two layouts of one name.
    """
    found: dict[str, FileLayout | Layout] = {}
    places: dict[str, str] = {}
    for module in modules:
        for layout in vars(module).values():
            if not isinstance(layout, FileLayout | Layout):
                continue
            # One that another module imports is the same layout.
            if found.setdefault(layout.name, layout) is not layout:
                raise ValueError(
                    f"two layouts are called {layout.name}: in {places[layout.name]} and {module.__name__}"
                )
            places.setdefault(layout.name, module.__name__)
    return tuple(sorted(found.values(), key=lambda one: (isinstance(one, Layout), one.asked, one.name)))


EVERY_LAYOUT = layouts_of(modules_in(__name__))
LAYOUTS = tuple(layout for layout in EVERY_LAYOUT if isinstance(layout, Layout))
# Read from the file itself, so asked first.
FILE_LAYOUTS = tuple(layout for layout in EVERY_LAYOUT if isinstance(layout, FileLayout))
