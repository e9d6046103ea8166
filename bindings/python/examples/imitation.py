"""Imitation by a game (Ho & Ermon 2016): D tells an expert's states and actions from a policy's,
and the policy learns, by policy gradient, to be taken for the expert.

    python3 bindings/python/examples/imitation.py
    python3 bindings/python/examples/imitation.py --expert constant --reward survival --final zero

The reward log D − log(1 − D) of a state and an action is D's logit. Where episodes end early, the
sum of rewards also says what an episode's length is worth. Rewards −log(1 − D), which are never
negative, teach the policy to survive, whatever the expert did: the survival trap. Logits alone
teach it to end episodes, as long as D recognizes it. Neither happens where D judges what comes behind a
final state, too: an absorbing state, in which an episode stays up to its limit (Kostrikov et al.
2019).
"""

import numpy as np
from environments import CartPole
from policy import Play, Policy, advantages, arguments, episodes, products, save

import swiftgan

DISCOUNT = 0.99
# A sample for D: the scaled state, the action as -1 or 1, and whether this is the absorbing state.
SIZE = CartPole.size + 2
ABSORBING = np.eye(SIZE, dtype=np.float32)[-1:]


class Balancing:
    """An expert, which pushes the cart towards where the pole falls. Its returns are 500."""

    def act(self, states, random):
        return (states @ [0.1, 0.3, 1.0, 0.5] > 0).astype(int)


class Constant:
    """An expert of falling: it pushes to the right all the time. Its returns are 9 or 10."""

    def act(self, states, random):
        return np.ones(len(states), int)


EXPERTS = {"balancing": Balancing(), "constant": Constant()}
REWARDS = {
    "ratio": lambda logits: logits,  # log D - log(1 - D)
    "survival": lambda logits: np.logaddexp(0, logits),  # -log(1 - D)
}


def pairs(states, actions):
    """Samples for D, (count, SIZE)."""
    x = states.reshape(-1, CartPole.size) / CartPole.scale
    signs = 2 * actions.reshape(-1, 1) - 1
    return np.concatenate([x, signs, np.zeros_like(signs)], axis=1).astype(np.float32)


def discriminator(seed):
    """A GAN of which only D learns: its generator hands on the latents, which are the policy's
    samples."""
    return swiftgan.Model(
        {
            "data": {"shape": [SIZE]},
            "latent": {"size": SIZE},
            "generator": {"layers": ["flatten"]},
            "discriminator": {"preset": "mlp", "width": 32},
            "schedule": {"generator_steps": 0},
            "penalties": {"r1": 0.1, "r2": 0.1},
            "optimizer": {"adam": {"learning_rate": 0.001}},
            "seed": seed,
        }
    )


def drawn(samples, absorbing, count, random):
    """Some of the samples, with a share of absorbing states among them."""
    chosen = samples[random.integers(0, len(samples), count)]
    return np.where(random.random((count, 1)) < absorbing, ABSORBING, chosen)


def imitate(
    expert, steps, seed, reward="ratio", final="absorbing", report=lambda steps, mean: None
):
    """Trains a policy on four episodes of an expert.

    Args:
        steps: of CartPole, at least.
        reward: "ratio", log D − log(1 − D), or "survival", −log(1 − D).
        final: what final states are worth: "absorbing" for what D says, or "zero".
        report: called with the steps so far and the mean return of episodes that ended meanwhile.

    Returns:
        the policy, and the expert's mean return.
    """
    random = np.random.default_rng(seed)
    environment, reward = CartPole(), REWARDS[reward]
    states, actions, returns = episodes(environment, expert, 4, random)
    shown, shown_absorbing = pairs(states, actions), 1 - returns.mean() / environment.limit
    d = discriminator(seed)
    policy = Policy(environment.size, environment.actions, random, scale=environment.scale)
    play = Play(environment, 32, random)
    absorbing, ending = 0.5, 0.0
    while play.steps < steps:
        ended, divergence = len(play.lengths), 0.02 * (1 - play.steps / steps)
        batch = play.batch(policy, 64)
        lengths, made = play.lengths[ended:], pairs(batch.states, batch.actions)
        if lengths:
            absorbing = 1 - np.mean(lengths) / environment.limit
        if final == "zero":
            shown_absorbing = absorbing = 0
        for _ in range(4):
            d.step(
                drawn(shown, shown_absorbing, 256, random),
                latents=drawn(made, absorbing, 256, random),
            )
        rewards = reward(d.discriminate(made).astype(float)).reshape(batch.rewards.shape)
        if final == "absorbing":
            ending = reward(float(d.discriminate(ABSORBING)[0])) / (1 - DISCOUNT)
        gain = advantages(batch, rewards, products(environment.scale), DISCOUNT, ending=ending)
        policy.improve(batch.states, batch.actions, gain, divergence)
        report(play.steps, np.mean(play.returns[ended:]) if lengths else None)
    return policy, returns.mean()


def returns_of(policy, seed, count=100):
    """The returns of a policy in CartPole itself."""
    return episodes(CartPole(), policy, count, np.random.default_rng(seed))[2]


def main():
    parser = arguments(__doc__, 200_000, "of the environment")
    parser.add_argument("--expert", choices=EXPERTS, default="balancing")
    parser.add_argument("--reward", choices=REWARDS, default="ratio")
    parser.add_argument("--final", choices=["absorbing", "zero"], default="absorbing")
    options = parser.parse_args()
    curve = []

    def report(steps, mean):
        if mean is not None:
            curve.append((steps, mean))
            if steps % 20_480 == 0:
                print(f"{steps:7} steps: mean return {mean:5.1f}")

    policy, expert = imitate(
        EXPERTS[options.expert], options.steps, options.seed, options.reward, options.final, report
    )
    returns = returns_of(policy, options.seed + 1000)
    print(f"mean return {returns.mean():.1f} ± {returns.std():.1f}; the expert's: {expert:.1f}")
    if options.plot:
        from matplotlib import pyplot

        figure, axes = pyplot.subplots(figsize=(6, 3), dpi=80, layout="tight")
        axes.plot(*zip(*curve))
        axes.axhline(expert, color="gray", linestyle="--")
        axes.set(xlabel="steps of the environment", ylabel="mean return", ylim=(0, 520))
        save(figure, options.plot)


if __name__ == "__main__":
    main()
