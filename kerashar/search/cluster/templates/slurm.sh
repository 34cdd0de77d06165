#!/bin/bash
# A search on Slurm: a Ray node on each node of the job, trials on all of them. Send it off with, for example,
#     sbatch --partition=NAME --time=12:00:00 slurm.sh
# Shortly before its time is up, after a node died and after a preemption the job goes back to the queue; then the search
# goes on where it was.
#SBATCH --job-name=@name@
#SBATCH --nodes=@nodes@
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=@cpus@
#SBATCH --gpus-per-node=@slurm_gpus@
#SBATCH --output=%x-%j.log
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@180
@setup_lines@
set -euo pipefail

# Whoever has the token can run code on these nodes. Each start makes a new one; no file holds it.
export RAY_AUTH_MODE=token
RAY_AUTH_TOKEN=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')
export RAY_AUTH_TOKEN
export RAY_TMPDIR=/tmp/ray-$SLURM_JOB_ID  # other jobs on these nodes may have a Ray of their own

mapfile -t nodes < <(scontrol show hostnames "$SLURM_JOB_NODELIST")
head=${nodes[0]}
# As the other nodes see it: on the head itself its name may stand for a loopback address.
head_ip=$(srun --nodes=1 --ntasks=1 --nodelist="${nodes[-1]}" getent ahostsv4 "$head" | awk 'NR == 1 {print $1}')
port=$((20000 + SLURM_JOB_ID % 5000))
step=(srun --export=ALL --ntasks-per-node=1 --cpus-per-task=@cpus@)
ray_node=(ray start --block --num-cpus=@cpus@ --num-gpus=@gpus@ --min-worker-port=0 --max-worker-port=0)
ray_node+=(--dashboard-agent-listen-port=0 --disable-usage-stats)
steps=()
driver=

stop() {
    trap '' USR1 TERM INT
    trap - EXIT
    if [ -n "$driver" ]; then
        kill -TERM "$driver" || true
        wait "$driver" || true
    fi
    # srun hands the signal on to Ray's nodes, each of which ends its own processes. `ray stop` would end those of other
    # jobs too.
    kill -TERM "${steps[@]}" || true
    wait
    "${step[@]}" rm -rf -- "$RAY_TMPDIR" || true
}
requeue() {
    stop
    scontrol requeue "$SLURM_JOB_ID"
    exit 0
}
trap stop EXIT
trap 'exit 143' TERM INT
trap requeue USR1

"${step[@]}" --nodes=1 --ntasks=1 --nodelist="$head" "${ray_node[@]}" \
    --head --node-ip-address="$head_ip" --port="$port" --ray-client-server-port=$((port + 5000)) \
    --include-dashboard=false &
steps+=($!)
until (exec 3<> "/dev/tcp/$head_ip/$port") 2>/dev/null; do
    kill -0 "${steps[0]}" || { echo "The head of the Ray cluster did not start." >&2; exit 1; }
    sleep 1
done
workers=$((${#nodes[@]} - 1))
if [ "$workers" -gt 0 ]; then
    "${step[@]}" --nodes="$workers" --ntasks="$workers" --exclude="$head" "${ray_node[@]}" --address="$head_ip:$port" &
    steps+=($!)
fi

export RAY_ADDRESS=$head_ip:$port
@search_lines@
"${search[@]}" &
driver=$!
status=0
wait "$driver" || status=$?
driver=
exit "$status"
