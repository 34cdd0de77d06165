"""Training a backbone on windows without labels, by a task that they set by themselves."""

from kerashar.training.pretraining.contrastive import Contrastive
from kerashar.training.pretraining.masked_reconstruction import MaskedReconstruction
from kerashar.training.pretraining.pretext_task import PretextTask
from kerashar.training.pretraining.pretrain import PretrainingResult, pretrain
from kerashar.training.pretraining.registry import create_task, list_tasks

__all__ = [
    "Contrastive",
    "MaskedReconstruction",
    "PretextTask",
    "PretrainingResult",
    "create_task",
    "list_tasks",
    "pretrain",
]
