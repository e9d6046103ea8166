"""Rivals in processes of their own, measured in turns."""

import json
import os
import pathlib
import subprocess
import sys

import rivals

HERE = pathlib.Path(__file__).parent


class RivalFailed(Exception):
    """A rival could not do what it was asked, with the reason."""


class Worker:
    """A rival's process. Only one works at a time; the others wait for their next line."""

    def __init__(self, rival):
        self.rival = rival
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), rival],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | rivals.environment(rival),
            text=True,
        )

    def ask(self, do, **options):
        print(json.dumps({"do": do, **options}), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise RivalFailed(f"{self.rival} ended with status {self.process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise RivalFailed(f"{self.rival}: {answer['error']}")
        return answer["result"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def in_turns(contestants, rounds, seconds, limit):
    """Seconds of single runs, {name: [[…] for each round]}.

    contestants: {name: function(count) -> [seconds]}, warmed up. In each round everybody runs for about `seconds`, the first to
    go changing from round to round; one that is so slow that it has used `limit` seconds sits out the remaining rounds.
    """
    times = {name: [] for name in contestants}
    counts = {
        name: max(1, min(500, round(seconds / min(run(1) + run(1))))) for name, run in contestants.items()
    }
    names = list(contestants)
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            if sum(map(sum, times[name])) < limit:
                times[name].append(contestants[name](counts[name]))
    return times
