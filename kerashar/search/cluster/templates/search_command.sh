run=@run@
if [ -e "$run/search.json" ]; then  # begun before: finished trials stay, the others go on from their checkpoints
    search=(kerashar search --resume "$run")
else
    search=(kerashar search @model@ --data @data@ --backend @backends@ --trials @trials@ --space @space@ --run "$run")
fi
search+=(--archive @archive@)
search+=(--address auto --gpus-per-trial @gpu_share@)
