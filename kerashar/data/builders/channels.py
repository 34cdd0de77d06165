"""How channels are named alike in all data sets."""

SIX_CHANNELS = tuple(f"{kind}_{axis}" for kind in ("acceleration", "angular_rate") for axis in "xyz")
