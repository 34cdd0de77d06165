"""Reading each data set as its publisher packs it."""
