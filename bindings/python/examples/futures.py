"""Simulated futures: a GAN that is conditioned on a state of CartPole and an action gives the next
state. It serves to plan one step ahead, and as a simulator in which a policy learns.

    python3 bindings/python/examples/futures.py
    python3 bindings/python/examples/futures.py --gust 5

With gusts of wind, from the left or the right in each step, a state has two futures. The game
learns both of them. The same generator trained by least squares learns their mean, which never
happens.
"""

import numpy as np
from environments import CartPole
from policy import Play, Policy, advantages, arguments, at_least, episodes, products, save

import swiftgan

SIZE = CartPole.size
# What planning looks at: a balanced pole has a small square of this sum over its state.
LEAN = np.array([0.1, 0.3, 1.0, 0.5])


class Anyhow:
    """The policy that explores: any action."""

    def act(self, states, random):
        return random.integers(0, CartPole.actions, len(states))


class Anywhere(CartPole):
    """CartPole whose episodes begin anywhere, so that a model sees all that a policy may meet."""

    def reset(self, random, count):
        return random.uniform(-1, 1, (count, SIZE)) * self.scale


class Simulator(CartPole):
    """CartPole as a model sees it. Its first states, rewards and final states are known."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def step(self, states, actions, random):
        after = futures(self.model, states, actions, random)
        return after, np.ones(len(after)), self.final(after)


class Planner:
    """Takes the action whose futures are best, by the mean of eight that the model draws."""

    def __init__(self, model, draws=8):
        self.model, self.draws = model, draws

    def act(self, states, random):
        repeated = np.repeat(states, self.draws, axis=0)
        costs = []
        for action in range(CartPole.actions):
            after = futures(self.model, repeated, np.full(len(repeated), action), random)
            costs.append(((after @ LEAN) ** 2).reshape(len(states), self.draws).mean(axis=1))
        return np.argmin(costs, axis=0)


def conditions(states, actions):
    """What the model is given, (count, 5): state and action."""
    return np.concatenate([states, actions[:, None]], axis=1).astype(np.float32)


def futures(model, states, actions, random):
    """A next state for each state and action, drawn from the model."""
    seed = int(random.integers(2**62))
    return states + model.sample(len(states), seed=seed, conditions=conditions(states, actions))


def learned(gust, steps, seed, by="game", transitions=20_000):
    """A model of the change of CartPole's state in one step.

    Args:
        gust: the force of the wind in N.
        steps: of the model's training.
        by: "game" or "squares", least squares.
        transitions: steps of CartPole from anywhere with any actions, which the model learns from.
    """
    random = np.random.default_rng(seed)
    batch = Play(Anywhere(gust), 100, random).batch(Anyhow(), transitions // 100)
    states, after = batch.states.reshape(-1, SIZE), batch.after.reshape(-1, SIZE)
    given = conditions(states, batch.actions.ravel())
    model = swiftgan.Model(
        {
            "data": {"shape": [SIZE], "conditions": SIZE + 1},
            "labels": {"mode": "conditional"},
            "latent": {"size": 4},
            "generator": {"preset": "mlp", "width": 64},
            "discriminator": {"preset": "mlp", "width": 64},
            "content": {"l2": 1, "adversarial": 0} if by == "squares" else {},
            "optimizer": {
                "generator": {"adam": {"learning_rate": 0.0005}},
                "discriminator": {"adam": {"learning_rate": 0.001}},
            },
            "learning_rate": {"linear": {"steps": steps, "to": 0.02}},
            "average": 0.999,
            # Without this noise, which fades, the generator may keep one of two outcomes alone.
            "instance_noise": {"deviation": 0.3, "steps": max(1, steps // 2)},
            "seed": seed,
        }
    )
    changes = (after - states).astype(np.float32)
    with swiftgan.Dataset.from_arrays(changes, conditions=given) as data:
        model.train(data, steps, batch=256, report_every=max(1, steps // 16 * 16))
    return model


def trained(environment, steps, seed):
    """A policy that learned in an environment, or in a simulator of it."""
    random = np.random.default_rng(seed)
    policy = Policy(SIZE, CartPole.actions, random, scale=CartPole.scale)
    play = Play(environment, 32, random)
    while play.steps < steps:
        divergence = 0.02 * (1 - play.steps / steps)
        batch = play.batch(policy, 64)
        gain = advantages(batch, batch.rewards, products(CartPole.scale))
        policy.improve(batch.states, batch.actions, gain, divergence)
    return policy


def mean_return(environment, policy, seed, count=100):
    return episodes(environment, policy, count, np.random.default_rng(seed))[2].mean()


def pushes(model, random, count=1000):
    """Changes of the velocity in m/s, (count,), by a push to the right at rest, drawn from the
    model."""
    after = futures(model, np.zeros((count, SIZE)), np.ones(count), random)
    return after[:, 1]


def main():
    parser = arguments(__doc__, 4000, "of each model's training")
    parser.add_argument("--gust", type=float, default=0, help="force of the wind in N")
    parser.add_argument(
        "--policy-steps", type=at_least(1), default=150_000, help="of each policy's"
    )
    options = parser.parse_args()
    seed, environment = options.seed, CartPole(options.gust)
    random = np.random.default_rng(seed + 1000)
    true = environment.step(np.zeros((1000, SIZE)), np.ones(1000), random)[0][:, 1]
    drawn = {"the environment": true}

    real = trained(environment, options.policy_steps, seed)
    print(f"trained in the environment: return {mean_return(environment, real, seed + 1):.1f}")
    for by in ("game", "squares"):
        model = learned(options.gust, options.steps, seed, by)
        drawn[by] = pushes(model, random)
        policy = trained(Simulator(model), options.policy_steps, seed)
        low, middle, high = np.percentile(drawn[by], [10, 50, 90])
        print(
            f"{by}: a push changes the velocity by {low:.3f}, {middle:.3f}, {high:.3f} m/s", end=""
        )
        print(f" (10th, 50th, 90th percentile; truly {true.min():.3f} to {true.max():.3f})")
        print(f"  planning one step: {mean_return(environment, Planner(model), seed + 2, 20):.1f}")
        print(f"  trained in the simulator: {mean_return(environment, policy, seed + 1):.1f}")
    if options.plot:
        from matplotlib import pyplot

        figure, axes = pyplot.subplots(figsize=(6, 3), dpi=80, layout="constrained")
        edges = np.linspace(true.min() - 0.1, true.max() + 0.1, 61)
        for name, numbers in drawn.items():
            axes.hist(numbers, edges, histtype="step", label=name)
        axes.set(xlabel="change of the velocity in m/s by one push", ylabel="of 1000 futures")
        figure.legend(loc="outside upper center", ncols=3)
        save(figure, options.plot)


if __name__ == "__main__":
    main()
