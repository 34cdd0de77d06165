"""Predictions over whole recordings and folders of them, and of images seen in several ways."""

from kerashar.prediction.draw_timeline import draw_timeline
from kerashar.prediction.predict_recordings import predict_recording
from kerashar.prediction.predict_tables import TablesReport, predict_tables
from kerashar.prediction.predict_views import predict_views
from kerashar.prediction.recording_prediction import RecordingPrediction

__all__ = [
    "RecordingPrediction",
    "TablesReport",
    "draw_timeline",
    "predict_recording",
    "predict_tables",
    "predict_views",
]
