# PyWavelets collects its names at import, where no checker sees them.
from typing import Any

def __getattr__(name: str) -> Any: ...
