"""Learning rates over a run by name, and their classes. A class loads at its first use, as Keras does."""

from typing import TYPE_CHECKING

from kerashar.lazy_names import lazy_names
from kerashar.schedules.registry import create_schedule, list_schedules

if TYPE_CHECKING:
    from kerashar.schedules.constant import Constant
    from kerashar.schedules.cyclic import Cyclic
    from kerashar.schedules.one_cycle import OneCycle
    from kerashar.schedules.scaled import Scaled
    from kerashar.schedules.warmup import Warmup

__all__ = ["Constant", "Cyclic", "OneCycle", "Scaled", "Warmup", "create_schedule", "list_schedules"]

_HOME = {
    "Constant": "kerashar.schedules.constant",
    "Cyclic": "kerashar.schedules.cyclic",
    "OneCycle": "kerashar.schedules.one_cycle",
    "Scaled": "kerashar.schedules.scaled",
    "Warmup": "kerashar.schedules.warmup",
}
__getattr__ = lazy_names(__name__, _HOME)
