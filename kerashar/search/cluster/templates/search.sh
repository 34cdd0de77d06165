#!/bin/bash
# Begins the search, or goes on with it; runs on a node of a Ray cluster.
@setup_lines@
set -euo pipefail
export RAY_AUTH_MODE=token
@search_lines@
exec "${search[@]}"
