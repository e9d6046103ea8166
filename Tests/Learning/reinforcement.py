"""Runs the reinforcement-learning examples of the Python binding with several seeds and checks what
they are to reach, in a quarter of an hour; `make test-long` runs it. Prints a line for each seed,
then means and standard deviations; the exit status is 1 where a goal was missed.

    reinforcement.py [imitations] [rewards] [simulations] [explorations]
"""

import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "bindings/python/examples"))
import exploration  # noqa: E402
import futures  # noqa: E402
import imitation  # noqa: E402
import recovered_reward  # noqa: E402
from environments import CartPole, Grid  # noqa: E402

missed = []


def check(reached, goal):
    print(f"  {'reached' if reached else 'MISSED'}: {goal}", flush=True)
    if not reached:
        missed.append(goal)


def spread(numbers):
    return f"{np.mean(numbers):.3g} ± {np.std(numbers):.2g}"


def imitations():
    def returns(expert, **settings):
        found = []
        for seed in range(1, 6):
            policy, taught = imitation.imitate(imitation.EXPERTS[expert], 200_000, seed, **settings)
            found.append(imitation.returns_of(policy, 1000 + seed).mean())
            words = " ".join([expert, *settings.values()])
            print(
                f"imitation, {words}, seed {seed}: {found[-1]:.1f}, expert {taught:.1f}", flush=True
            )
        print(f"  return {spread(found)}")
        return found

    good = returns("balancing")
    check(sum(r >= 450 for r in good) >= 4, "imitation: a return of 450 in four of five seeds")
    poor = returns("constant")
    check(max(poor) < 20, "imitation: a falling expert teaches to fall")
    trapped = returns("constant", reward="survival", final="zero")
    check(np.median(trapped) > 200, "the survival trap: a falling expert teaches to balance")
    returns("balancing", reward="ratio", final="zero")


def rewards():
    grid, correlations, visits, shares = Grid(recovered_reward.rough()), [], [], []
    for seed in range(1, 6):
        seen = recovered_reward.shown(grid, seed)
        visits.append(recovered_reward.rank_correlation(seen.states.sum(axis=(0, 1)), grid.rewards))
        g = recovered_reward.recover(grid, seen, 400_000, seed)
        correlations.append(recovered_reward.rank_correlation(g, grid.rewards))
        shares.append(recovered_reward.reaches(g, grid, 100_000, seed))
        figures = f"rank correlation {correlations[-1]:.3f}, of visits {visits[-1]:.3f}"
        print(f"reward, seed {seed}: {figures}, goal {shares[-1]:.0%}", flush=True)
    print(f"  visits {spread(visits)}")
    print(f"  rank correlation {spread(correlations)}, goal {spread(shares)}")
    check(min(correlations) >= 0.8, "recovered reward: a rank correlation of 0.8")
    check(min(shares) >= 0.9, "recovered reward: a policy on it reaches the goal")


def simulations():
    for gust in (0, 5):
        environment, real = CartPole(gust), []
        simulated, planned = {"game": [], "squares": []}, {"game": [], "squares": []}
        for seed in range(1, 6):
            policy = futures.trained(environment, 150_000, seed)
            real.append(futures.mean_return(environment, policy, seed))
            for by in simulated:
                model = futures.learned(gust, 4000, seed, by)
                policy = futures.trained(futures.Simulator(model), 150_000, seed)
                simulated[by].append(futures.mean_return(environment, policy, seed))
                planned[by].append(
                    futures.mean_return(environment, futures.Planner(model), seed, 20)
                )
                changes = futures.pushes(model, np.random.default_rng(seed))
                near = [np.mean(np.abs(changes - v) < 0.02) for v in (0.0976, 0.1951, 0.2927)]
                figures = ", ".join(f"{share:.0%}" for share in near)
                print(
                    f"futures, gust {gust}, seed {seed}, {by}: {simulated[by][-1]:.1f}, in the",
                    end=" ",
                )
                print(
                    f"environment {real[-1]:.1f}, planning {planned[by][-1]:.1f}; near {figures}",
                    flush=True,
                )
                if gust and by == "game":
                    check(min(near[0], near[2]) > 0.25, "futures: the game keeps both")
                if gust and by == "squares":
                    check(near[1] > 0.8, "futures: least squares gives the mean")
        print(f"  in the environment {spread(real)}")
        for by in simulated:
            print(
                f"  {by}: in the simulator {spread(simulated[by])}, planning {spread(planned[by])}"
            )
        check(
            np.mean(simulated["game"]) >= 0.8 * np.mean(real),
            "futures: 80 % of the environment's return",
        )
        check(np.mean(planned["game"]) >= 400, "futures: planning balances the pole")


def explorations():
    steps = {True: [], False: []}
    for seed in range(1, 11):
        for novelty in steps:
            found, _ = exploration.explore(200_000, seed, novelty)
            steps[novelty].append(found or np.inf)
        print(
            f"exploration, seed {seed}: {steps[True][-1]} steps, without {steps[False][-1]}",
            flush=True,
        )
    with_bonus, without = (np.median(steps[novelty]) for novelty in (True, False))
    print(f"  median {with_bonus} steps, without the bonus {without}")
    check(with_bonus < without, "exploration: fewer steps by the bonus")


if __name__ == "__main__":
    parts = [imitations, rewards, simulations, explorations]
    for part in parts:
        if len(sys.argv) == 1 or part.__name__ in sys.argv[1:]:
            part()
    sys.exit(bool(missed))
