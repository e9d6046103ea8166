"""Exploration: a reward for states that are seldom, by the likelihood that a fully visible net, a
NADE, gives them.

    python3 bindings/python/examples/exploration.py

The mountain car has no reward but at the top. A policy without one stays as it is, at random, and
does not get there. A bonus of −log p(state), p learned from all states that were visited so far,
is high where the car has seldom been, so that it swings ever higher.
"""

import numpy as np
from environments import MountainCar
from policy import Play, Policy, advantages, arguments, products, save

import swiftgan


class Novelty:
    """−log p of states, by a density that learns from all of them."""

    def __init__(self, seed):
        self.model = swiftgan.Model(
            {
                "family": "nade",
                "data": {"shape": [MountainCar.size]},
                "nade": {"output": "mixture", "width": 32},
                "optimizer": {"adam": {"learning_rate": 0.003}},
                "seed": seed,
            }
        )
        self.seen = np.zeros((0, MountainCar.size), np.float32)

    def bonus(self, states, random):
        """Learns from (count, 2) more states, in 20 steps on all that it has seen, and gives their
        −log p in nats."""
        new = (states / MountainCar.scale).astype(np.float32)
        self.seen = np.concatenate([self.seen, new])
        for _ in range(20):
            self.model.step(self.seen[random.integers(0, len(self.seen), 256)])
        return -self.model.log_likelihood(new)


def explore(steps, seed, novelty=True):
    """Trains a policy until it reaches the top or ``steps`` are made.

    Returns:
        the steps when the top was reached, to the end of a batch of 1,600; None where it was not;
        and the states that were visited, (count, 2).
    """
    random = np.random.default_rng(seed)
    environment = MountainCar()
    policy = Policy(environment.size, environment.actions, random, 16, environment.scale)
    play, rare, visited = Play(environment, 16, random), Novelty(seed), []
    while play.steps < steps:
        batch = play.batch(policy, 100)
        visited.append(batch.after.reshape(-1, environment.size))
        if batch.rewards.any():
            return play.steps, np.concatenate(visited)
        rewards = batch.rewards
        if novelty:
            rewards = rewards + rare.bonus(visited[-1], random).reshape(rewards.shape)
        gain = advantages(batch, rewards, products(environment.scale))
        policy.improve(batch.states, batch.actions, gain, divergence=0.05)
    return None, np.concatenate(visited)


def main():
    parser = arguments(__doc__, 200_000, "of the environment, at most")
    options = parser.parse_args()
    visited = {}
    for name, novelty in (("with the bonus", True), ("without", False)):
        found, visited[name] = explore(options.steps, options.seed, novelty)
        highest = visited[name][:, 0].max()
        end = f"the top after {found} steps" if found else f"no top in {len(visited[name])} steps"
        print(f"{name}: {end}; the car was at {highest:.2f} of 0.5")
    if options.plot:
        from matplotlib import pyplot

        figure, axes = pyplot.subplots(1, 2, figsize=(6, 2.7), dpi=80, layout="tight", sharey=True)
        for axis, (name, states) in zip(axes, visited.items()):
            axis.plot(*states[:: max(1, len(states) // 8000)].T, ",")
            axis.axvline(0.5, color="gray")
            axis.set(title=name, xlabel="position", xlim=(-1.25, 0.65), ylim=(-0.075, 0.075))
        axes[0].set(ylabel="velocity")
        save(figure, options.plot)


if __name__ == "__main__":
    main()
