"""Lets torch.compile make what a quick run needs, which its cache keeps: the whole step of the MLP, and generators."""

from alternate import RivalFailed, Worker
from rivals import RIVALS
from workloads import MLP, SAMPLED


def warm(worker, parts):
    if "sampling" not in parts:
        worker.ask("prepare", **vars(MLP))
        worker.ask("first_costs")
        return
    for workload, counts in SAMPLED:
        for count in counts:
            worker.ask("call", method="prepare_samples", files={}, count=count, **vars(workload))
            worker.ask("samples", size=count, count=1)


for rival in RIVALS:
    if rival.module in ("rival_whole", "rival_frozen") and not rival.missing():
        with Worker(rival.name) as process:
            try:
                warm(process, rival.parts)
            except RivalFailed as error:
                print(f"bench-setup: {error}")
