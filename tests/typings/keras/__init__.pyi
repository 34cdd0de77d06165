# Keras has no annotations: a checker that infers types from its defaults takes `None` for the type of an argument.
from typing import Any

def __getattr__(name: str) -> Any: ...
