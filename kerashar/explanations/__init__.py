"""What a model looked at: maps over images and signals, and what each channel is worth, as arrays and as pictures."""

from kerashar.explanations.attention_rollout import attention_rollout
from kerashar.explanations.channel_importance import channel_importance
from kerashar.explanations.draw_explanations import draw_explanations
from kerashar.explanations.draw_importance import draw_importance
from kerashar.explanations.grad_cam import grad_cam
from kerashar.explanations.importance import Importance
from kerashar.explanations.integrated_gradients import integrated_gradients
from kerashar.explanations.occlusion import occlusion

__all__ = [
    "Importance",
    "attention_rollout",
    "channel_importance",
    "draw_explanations",
    "draw_importance",
    "grad_cam",
    "integrated_gradients",
    "occlusion",
]
