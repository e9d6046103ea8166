"""A reward recovered from an expert's steps: adversarial inverse reinforcement learning (Fu, Luo &
Levine 2018) on a grid.

    python3 bindings/python/examples/recovered_reward.py

D(s, a, s') = exp f / (exp f + π(a | s)) tells the expert's steps from those of a policy π, and the
policy learns with the reward log D − log(1 − D) = f − log π. Where D cannot tell them apart any
more, f is the expert's advantage. It has the form f = g(s) + γ h(s') − h(s), whose second part
changes no policy; in a deterministic environment g is then the expert's reward, but for a constant.

D's logit f − log π is linear in a sample (s, γ s' − s, log π), since a state of the grid has one
number for each cell. Its last weight is −1 and is set to that after each step.
"""

import numpy as np
from environments import Grid
from policy import Play, Policy, advantages, arguments, drawn, save

import swiftgan

DISCOUNT = 0.9
WEIGHT = "discriminator.0.weight"


def rough(side=6):
    """Rewards of a grid: numbers drawn at random, and the goal, which has the highest one."""
    rewards = np.random.default_rng(2).normal(0, 1, (side, side))
    rewards[-2, -2] = 3
    return rewards


class SoftOptimal:
    """The policy that maximizes the discounted sum of rewards plus its entropy (Ziebart 2010), by
    soft value iteration: Q = r + γ V(s'), V = log Σ exp Q, P(action) = exp(Q − V)."""

    def __init__(self, grid):
        value = np.zeros(grid.size)
        for _ in range(300):
            q = grid.rewards[:, None] + DISCOUNT * value[grid.next]
            value = np.log(np.exp(q).sum(axis=1))
        self.probabilities = np.exp(q - value[:, None])

    def act(self, states, random):
        return drawn(self.probabilities[states.argmax(axis=1)], random)


def samples(batch, policy, chosen):
    """Samples for D of the chosen steps of a batch, (count, 2 cells + 1): the state, γ times the
    next one less the state, and log π of the action."""
    states, after = (x.reshape(-1, x.shape[-1])[chosen] for x in (batch.states, batch.after))
    actions = batch.actions.ravel()[chosen]
    logs = np.take_along_axis(policy.log_probabilities(states), actions[:, None], axis=1)
    return np.concatenate([states, DISCOUNT * after - states, logs], axis=1).astype(np.float32)


def discriminator(cells, updates, seed):
    """A GAN of which only D learns, one linear layer, and whose generator hands on the latents."""
    size = 2 * cells + 1
    linear = {"dense": {"units": 1, "bias": False, "initializer": "zeros"}}
    d = swiftgan.Model(
        {
            "data": {"shape": [size]},
            "latent": {"size": size},
            "generator": {"layers": ["flatten"]},
            "discriminator": {"layers": [linear]},
            "schedule": {"generator_steps": 0},
            "optimizer": {"adam": {"learning_rate": 0.1}},
            "learning_rate": {"linear": {"steps": updates, "to": 0.02}},
            "seed": seed,
        }
    )
    fix(d)
    return d


def fix(d):
    """Sets the weight of log π to −1. Returns all weights, (2 cells + 1, 1)."""
    weights = d.tensors[WEIGHT]
    weights[-1] = -1
    d.tensors[WEIGHT] = weights
    return weights


def shown(grid, seed):
    """500 episodes of the expert, a batch."""
    return Play(grid, 500, np.random.default_rng(seed)).batch(SoftOptimal(grid), grid.limit)


def recover(grid, seen, steps, seed, report=lambda steps, g: None):
    """The reward of each cell, (cells,), from episodes of an expert.

    Args:
        seen: these episodes, a batch.
        steps: of the grid, at least, that the policy makes.
        report: called with the steps so far and the reward as it is then.
    """
    random = np.random.default_rng(seed)
    copies, length, updates = 32, 32, 8
    policy, play = Policy(grid.size, grid.actions, random), Play(grid, copies, random)
    d = discriminator(grid.size, max(1, steps // (copies * length)) * updates, seed)
    while play.steps < steps:
        batch = play.batch(policy, length)
        for _ in range(updates):
            d.step(
                samples(seen, policy, random.integers(0, seen.actions.size, 512)),
                latents=samples(batch, policy, random.integers(0, batch.actions.size, 512)),
            )
            g = fix(d)[: grid.size, 0]
        made = samples(batch, policy, np.arange(batch.actions.size))
        rewards = d.discriminate(made).astype(float).reshape(batch.rewards.shape)
        policy.improve(batch.states, batch.actions, advantages(batch, rewards, same, DISCOUNT))
        report(play.steps, g)
    return g


def same(states):
    return states


def rank_correlation(x, y):
    """Spearman's, of two lists of numbers; equal ones count in their order."""
    ranks = [np.argsort(np.argsort(numbers, kind="stable")) for numbers in (x, y)]
    return np.corrcoef(*ranks)[0, 1]


def reaches(rewards, grid, steps, seed):
    """Trains a policy on rewards of the cells alone, with an entropy in the reward that fades, so
    that it does not settle on a lower hill. Returns the share of 500 episodes that end in the goal
    of a grid."""
    random = np.random.default_rng(seed)
    policy, play = Policy(grid.size, grid.actions, random), Play(Grid(rewards), 32, random)
    while play.steps < steps:
        entropy = 0.2 * (1 - play.steps / steps)
        batch = play.batch(policy, 32)
        logs = policy.log_probabilities(batch.states.reshape(-1, grid.size))
        logs = np.take_along_axis(logs, batch.actions.reshape(-1, 1), axis=1)
        soft = batch.rewards - entropy * logs.reshape(batch.rewards.shape)
        policy.improve(batch.states, batch.actions, advantages(batch, soft, same, DISCOUNT))
    after = Play(grid, 500, random).batch(policy, grid.limit).after[-1]
    return (after.argmax(axis=1) == grid.goal).mean()


def main():
    parser = arguments(__doc__, 400_000, "of the grid")
    options = parser.parse_args()
    grid = Grid(rough())

    def report(steps, g):
        if steps % 51_200 == 0:
            print(f"{steps:7} steps: rank correlation {rank_correlation(g, grid.rewards):.3f}")

    seen = shown(grid, options.seed)
    visits = rank_correlation(seen.states.sum(axis=(0, 1)), grid.rewards)
    print(f"rank correlation of the expert's visits and the true reward: {visits:.3f}")
    g = recover(grid, seen, options.steps, options.seed, report)
    print(f"rank correlation of recovered and true reward: {rank_correlation(g, grid.rewards):.3f}")
    share = reaches(g, grid, options.steps // 4, options.seed)
    print(f"a policy trained on the recovered reward reaches the goal in {share:.0%} of episodes")
    if options.plot:
        from matplotlib import pyplot

        figure, axes = pyplot.subplots(1, 2, figsize=(5, 2.7), dpi=80, layout="tight")
        for axis, name, numbers in zip(axes, ("the expert's", "recovered"), (grid.rewards, g)):
            axis.imshow(numbers.reshape(rough().shape))
            axis.set(title=name, xticks=[], yticks=[])
        save(figure, options.plot)


if __name__ == "__main__":
    main()
