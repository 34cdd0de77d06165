"""Keras callbacks."""

from kerashar.callbacks.checkpoint import Checkpoint
from kerashar.callbacks.csv_log import CSVLog
from kerashar.callbacks.mlflow_log import MLflowLog
from kerashar.callbacks.plateau import Plateau
from kerashar.callbacks.progress_bar import ProgressBar
from kerashar.callbacks.registry import create_logs, list_logs
from kerashar.callbacks.run_log import RunLog
from kerashar.callbacks.snapshots import Snapshots
from kerashar.callbacks.tensor_board_log import TensorBoardLog
from kerashar.callbacks.validation import Validation
from kerashar.callbacks.wandb_log import WandbLog

__all__ = [
    "CSVLog",
    "Checkpoint",
    "MLflowLog",
    "Plateau",
    "ProgressBar",
    "RunLog",
    "Snapshots",
    "TensorBoardLog",
    "Validation",
    "WandbLog",
    "create_logs",
    "list_logs",
]
