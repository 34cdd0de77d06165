"""What a model looked at: maps over images and signals, as arrays and as pictures."""

from kerashar.explanations.attention_rollout import attention_rollout
from kerashar.explanations.draw_explanations import draw_explanations
from kerashar.explanations.grad_cam import grad_cam

__all__ = ["attention_rollout", "draw_explanations", "grad_cam"]
