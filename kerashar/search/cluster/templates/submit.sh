#!/bin/bash
# Hands the search to the job server of a Ray cluster. Point it at the server first; through a tunnel it is
#     export RAY_API_SERVER_ADDRESS=http://127.0.0.1:8265
# and have the cluster's token in ~/.ray/auth_token, or name its file in RAY_AUTH_TOKEN_PATH.
# The same command goes on with a search that was interrupted.
set -euo pipefail
export RAY_AUTH_MODE=token
cd "$(dirname "${BASH_SOURCE[0]}")"
exec ray job submit --working-dir . --runtime-env runtime_env.yaml "$@" -- bash search.sh
