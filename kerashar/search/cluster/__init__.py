"""Searches on several machines: files that start them, and checks before joining. Importing it does not import Ray."""

from kerashar.search.cluster.launch import KINDS, launch_files
from kerashar.search.cluster.launch_plan import LaunchPlan
from kerashar.search.cluster.safety import check_address

__all__ = ["KINDS", "LaunchPlan", "check_address", "launch_files"]
