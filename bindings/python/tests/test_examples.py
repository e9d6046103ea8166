"""The reinforcement-learning examples: environments, policy, what D is asked, and each example in
few steps. `Tests/Learning/reinforcement.py` checks what they reach."""

import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest

EXAMPLES = pathlib.Path(__file__).parents[1] / "examples"
sys.path.insert(0, str(EXAMPLES))
import exploration  # noqa: E402
import futures  # noqa: E402
import imitation  # noqa: E402
import recovered_reward  # noqa: E402
from environments import CartPole, Grid, MountainCar  # noqa: E402
from policy import Batch, Play, Policy, advantages, drawn, episodes, products  # noqa: E402


def random(seed=0):
    return np.random.default_rng(seed)


# ---- Environments ----


def test_cart_pole_at_rest_by_hand():
    # F = 10 N, m = 1.1 kg: the force term is 10 / 1.1, the angular acceleration
    # -(10 / 1.1) / (0.5 (4/3 - 0.1 / 1.1)) = -14.6341, the acceleration
    # 10 / 1.1 + 0.05 · 14.6341 / 1.1 = 9.7561.
    after, rewards, final = CartPole().step(np.zeros((2, 4)), np.array([1, 0]), random())
    np.testing.assert_allclose(after[0], [0, 0.02 * 9.756098, 0, -0.02 * 14.634146], rtol=1e-6)
    np.testing.assert_allclose(after[1], -after[0])
    assert rewards.tolist() == [1, 1] and not final.any()


def test_cart_pole_ends_beyond_its_limits():
    states = np.array([[2.39, 1, 0, 0], [2.39, 0.1, 0, 0], [0, 0, 0.209, 0.5], [0, 0, -0.2, 0]])
    assert CartPole().step(states, np.ones(4, int), random())[2].tolist() == [
        True,
        False,
        True,
        False,
    ]


def test_gusts_come_from_both_sides():
    velocities = CartPole(5).step(np.zeros((1000, 4)), np.ones(1000, int), random())[0][:, 1]
    values, counts = np.unique(velocities.round(6), return_counts=True)
    np.testing.assert_allclose(values, [0.02 * 9.756098 / 2, 0.02 * 9.756098 * 1.5], rtol=1e-5)
    assert counts.min() > 400


@pytest.mark.parametrize("name", ["CartPole-v1", "MountainCar-v0"])
def test_dynamics_are_those_of_gymnasium(name):
    gymnasium = pytest.importorskip("gymnasium")
    theirs, ours = (
        gymnasium.make(name).unwrapped,
        CartPole() if name == "CartPole-v1" else MountainCar(),
    )
    theirs.reset(seed=1)
    generator = random(1)
    for _ in range(300):
        state = generator.normal(0, 1, ours.size) * ours.scale
        if name == "MountainCar-v0":
            state = np.clip(state, [-1.2, -0.07], [0.6, 0.07])
        action = int(generator.integers(ours.actions))
        theirs.state, theirs.steps_beyond_terminated = tuple(state), None
        _, _, terminated, _, _ = theirs.step(action)
        after, _, final = ours.step(state[None], np.array([action]), generator)
        np.testing.assert_allclose(after[0], np.array(theirs.state, float), rtol=1e-9, atol=1e-12)
        assert final[0] == terminated


def test_mountain_car_needs_a_swing():
    environment = MountainCar()
    states = np.tile([[-0.5, 0.0]], (2, 1))
    tops = np.zeros(2, bool)
    for _ in range(200):
        # The first always pushes right, the second in the direction in which it moves.
        actions = np.array([2, 2 if states[1, 1] >= 0 else 0])
        states, rewards, final = environment.step(states, actions, random())
        assert (rewards == final).all()
        tops |= final
    assert tops.tolist() == [False, True]


def test_grid_steps_and_edges():
    grid = Grid([[1, 2, 3], [4, 5, 6], [7, 8, 0]])
    assert grid.goal == 7
    assert grid.next[4].tolist() == [1, 7, 3, 5, 4]
    assert grid.next[0].tolist() == [0, 3, 0, 1, 0]
    after, rewards, final = grid.step(np.eye(9)[[4, 8]], np.array([0, 3]), random())
    assert after.argmax(axis=1).tolist() == [1, 8]
    assert rewards.tolist() == [5, 0] and not final.any()


# ---- The policy ----


@pytest.mark.parametrize("hidden", [0, 5])
def test_scores_are_the_derivatives_of_log_probabilities(hidden):
    policy = Policy(3, 4, random(), hidden, scale=np.array([1, 2, 3]))
    policy.weights = random(1).normal(0, 1, policy.weights.size)
    states, actions = random(2).normal(0, 1, (6, 3)), np.array([0, 1, 2, 3, 1, 2])
    scores, exact = policy.scores(states, actions), np.empty((6, policy.weights.size))
    for i in range(policy.weights.size):
        values = []
        for sign in (1, -1):
            policy.weights[i] += sign * 1e-5
            values.append(policy.log_probabilities(states)[np.arange(6), actions])
            policy.weights[i] -= sign * 1e-5
        exact[:, i] = (values[0] - values[1]) / 2e-5
    np.testing.assert_allclose(scores, exact, atol=1e-8)


def test_actions_have_their_probabilities():
    p = np.tile([0.1, 0.2, 0.7], (20_000, 1))
    np.testing.assert_allclose(
        np.bincount(drawn(p, random())) / 20_000, [0.1, 0.2, 0.7], atol=0.015
    )


def test_improvement_changes_the_policy_by_the_given_divergence():
    policy, states = Policy(2, 3, random()), random(1).normal(0, 1, (4000, 2))
    actions = policy.act(states, random(2))
    before = policy.log_probabilities(states)
    policy.improve(states, actions, (actions == 1).astype(float), divergence=0.01)
    after = policy.log_probabilities(states)
    assert (after[:, 1] > before[:, 1]).all()
    assert (np.exp(before) * (before - after)).sum(axis=1).mean() == pytest.approx(0.01, rel=0.2)


def test_equal_advantages_change_nothing():
    policy, states = Policy(2, 3, random()), random(1).normal(0, 1, (50, 2))
    before = policy.weights.copy()
    policy.improve(states, policy.act(states, random()), np.full(50, 3.0))
    np.testing.assert_array_equal(policy.weights, before)


def test_advantages_without_a_baseline_are_discounted_sums():
    # Two copies, three steps; the first ends in a final state after two of them, the second is cut.
    last = np.array([[False, False], [True, False], [False, True]])
    final = last & [True, False]
    states = np.zeros((3, 2, 1))
    rewards = np.array([[1.0, 1], [2, 1], [4, 1]])
    batch = Batch(states, np.zeros((3, 2), int), rewards, states, final, last)
    found = advantages(batch, rewards, lambda s: s, discount=0.5, decay=1.0, ending=10.0)
    # With all states equal the baseline is one number v, the mean of the sums.
    v = 0.0
    for _ in range(3):
        sums = [
            1 + 0.5 * (2 + 5),
            2 + 5,
            4 + v / 2,
            1 + 0.5 * (1 + 0.5 * (1 + v / 2)),
            1 + 0.5 * (1 + v / 2),
            1 + v / 2,
        ]
        v = np.mean(sums)
    expected = [
        [1 + 0.5 * (2 + 5) - v, 1 + 0.5 + 0.25 + 0.125 * v - v],
        [2 + 5 - v, 1 + 0.5 + 0.25 * v - v],
        [4 + 0.5 * v - v, 1 + 0.5 * v - v],
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-2)


def test_products_are_numbers_and_products_of_two():
    assert products(2.0)(np.array([[4.0, 6]])).tolist() == [[2, 3, 4, 6, 9]]


def test_episodes_go_on_from_batch_to_batch():
    play = Play(Grid(np.ones((2, 2))), 3, random())
    policy = Policy(4, 5, random())
    for _ in range(4):
        play.batch(policy, 10)
    assert play.steps == 120 and play.lengths == [30] * 3 and play.returns == [30.0] * 3


def test_policy_gradient_balances_the_pole():
    policy = futures.trained(CartPole(), 30_000, 1)
    assert futures.mean_return(CartPole(), policy, 1, 20) > 300


# ---- Imitation ----


def test_rewards_are_those_of_the_discriminator_output():
    logits = np.array([-3.0, 0, 2])
    d = 1 / (1 + np.exp(-logits))
    np.testing.assert_allclose(imitation.REWARDS["ratio"](logits), np.log(d) - np.log(1 - d))
    np.testing.assert_allclose(imitation.REWARDS["survival"](logits), -np.log(1 - d))


def test_only_the_discriminator_learns_and_fakes_are_what_is_given():
    d = imitation.discriminator(1)
    real = random(1).normal(1, 0.3, (256, imitation.SIZE)).astype(np.float32)
    fake = random(2).normal(-1, 0.3, (256, imitation.SIZE)).astype(np.float32)
    np.testing.assert_array_equal(d.sample(256, latents=fake), fake)
    for _ in range(60):
        report = d.step(real, latents=fake)
    assert report["real_accuracy"] > 0.95 and report["fake_accuracy"] > 0.95
    logits = d.discriminate(real)
    np.testing.assert_allclose(d.log_density_ratio(real), logits, rtol=1e-6)
    # The gradient of the logit by the input, against differences.
    moved = real.copy()
    moved[:, 0] += 0.01
    slope = (d.discriminate(moved) - logits) / 0.01
    np.testing.assert_allclose(d.log_density_ratio_gradient(real)[:, 0], slope, atol=0.1)


def test_experts_balance_and_fall():
    assert episodes(CartPole(), imitation.EXPERTS["balancing"], 20, random())[2].min() == 500
    states, actions, returns = episodes(CartPole(), imitation.EXPERTS["constant"], 20, random())
    assert returns.max() < 12 and len(states) == len(actions) == returns.sum()


def test_samples_have_the_wanted_share_of_absorbing_states():
    samples = imitation.pairs(np.ones((5, 4)), np.array([0, 1, 1, 0, 1]))
    assert samples[:, 4].tolist() == [-1, 1, 1, -1, 1] and not samples[:, 5].any()
    some = imitation.drawn(samples, 0.25, 8000, random())
    absorbing = (some == imitation.ABSORBING).all(axis=1)
    assert absorbing.mean() == pytest.approx(0.25, abs=0.02)
    assert not some[~absorbing, 5].any()


def test_imitation_learns_from_an_expert_of_balance_and_one_of_falling():
    policy, expert = imitation.imitate(imitation.EXPERTS["balancing"], 30_000, 1)
    assert expert == 500 and imitation.returns_of(policy, 2, 20).mean() > 150
    policy, expert = imitation.imitate(imitation.EXPERTS["constant"], 30_000, 1)
    assert expert < 12 and imitation.returns_of(policy, 2, 20).mean() < 20


def test_survival_is_a_trap():
    trapped, expert = imitation.imitate(
        imitation.EXPERTS["constant"], 30_000, 1, "survival", "zero"
    )
    assert expert < 12 and imitation.returns_of(trapped, 2, 20).mean() > 100


# ---- Recovered reward ----


def test_logits_are_f_less_log_policy():
    grid = Grid(recovered_reward.rough())
    d = recovered_reward.discriminator(grid.size, 10, 1)
    policy = Policy(grid.size, grid.actions, random())
    policy.weights = random(3).normal(0, 1, policy.weights.size)
    batch = Play(grid, 7, random(1)).batch(policy, 9)
    made = recovered_reward.samples(batch, policy, np.arange(63))
    d.step(made, latents=made[::-1].copy())
    weights = recovered_reward.fix(d)[:, 0]
    g, h = weights[:36], weights[36:72]
    assert weights[-1] == -1 and np.abs(g).max() > 0 and np.abs(h).max() > 0
    s, after = (x.reshape(-1, 36).argmax(axis=1) for x in (batch.states, batch.after))
    log_pi = policy.log_probabilities(np.eye(36))[s, batch.actions.ravel()]
    f = g[s] + 0.9 * h[after] - h[s]
    np.testing.assert_allclose(d.discriminate(made), f - log_pi, atol=1e-5)
    # D = exp f / (exp f + π)
    np.testing.assert_allclose(
        1 / (1 + np.exp(-d.discriminate(made))), np.exp(f) / (np.exp(f) + np.exp(log_pi)), rtol=1e-4
    )


def test_soft_optimal_policy_maximizes_reward_and_entropy():
    grid = Grid(recovered_reward.rough())
    p = recovered_reward.SoftOptimal(grid).probabilities
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-6)

    def value(p):
        gain = (p * (grid.rewards[:, None] - np.log(p))).sum(axis=1)
        moves = np.zeros((36, 36))
        np.add.at(moves, (np.arange(36)[:, None], grid.next), p)
        return np.linalg.solve(np.eye(36) - 0.9 * moves, gain)

    best = value(p)
    for seed in range(5):
        other = p * np.exp(random(seed).normal(0, 0.1, p.shape))
        assert (value(other / other.sum(axis=1, keepdims=True)) < best).all()


def test_reward_is_recovered_roughly_in_few_steps():
    grid = Grid(recovered_reward.rough())
    g = recovered_reward.recover(grid, recovered_reward.shown(grid, 1), 30_000, 1)
    assert recovered_reward.rank_correlation(g, grid.rewards) > 0.6
    assert recovered_reward.rank_correlation(-grid.rewards, grid.rewards) == pytest.approx(-1)


# ---- Simulated futures ----


class Known:
    """Stands in for a model: the environment itself."""

    def sample(self, count, *, seed, conditions):
        after, _, _ = CartPole().step(
            conditions[:, :4].astype(float), conditions[:, 4], random(seed)
        )
        return after - conditions[:, :4]


def test_planning_takes_the_better_action():
    states = np.array([[0, 0, 0.1, 0.5], [0, 0, -0.1, -0.5]])
    assert futures.Planner(Known()).act(states, random()).tolist() == [1, 0]
    assert futures.mean_return(CartPole(), futures.Planner(Known(), 1), 1, 5) == 500


def test_simulator_is_the_environment_where_the_model_is():
    states = random().uniform(-0.3, 0.3, (50, 4))
    actions = random(1).integers(0, 2, 50)
    simulated = futures.Simulator(Known()).step(states, actions, random())
    for ours, true in zip(simulated, CartPole().step(states, actions, random())):
        np.testing.assert_allclose(ours, true, atol=1e-6)


def test_model_learns_what_a_push_does():
    model = futures.learned(0, 400, 1, transitions=4000)
    right = futures.pushes(model, random(), 200)
    left = futures.futures(model, np.zeros((200, 4)), np.zeros(200), random())[:, 1]
    assert right.mean() == pytest.approx(0.195, abs=0.1) and left.mean() == pytest.approx(
        -0.195, abs=0.1
    )


def test_game_keeps_both_futures_and_least_squares_their_mean():
    spreads = {}
    for by in ("game", "squares"):
        changes = futures.pushes(futures.learned(5, 1000, 1, by, transitions=4000), random())
        spreads[by] = changes.std()
    # Of the two outcomes, 0.098 and 0.293, it is 0.098.
    assert spreads["game"] > 0.05 > 2 * spreads["squares"]


# ---- Exploration ----


def test_bonus_is_higher_where_states_are_seldom():
    novelty = exploration.Novelty(1)
    common = random().normal([-0.5, 0], [0.05, 0.005], (2000, 2))
    for _ in range(5):
        bonus = novelty.bonus(common, random())
    assert len(novelty.seen) == 10_000
    rare = novelty.bonus(np.array([[0.3, 0.05]]), random())
    assert rare[0] > bonus.mean() + 3
    scaled = (common[:9] / MountainCar.scale).astype(np.float32)
    density = -novelty.model.log_likelihood(scaled)
    assert density.shape == (9,) and density.mean() == pytest.approx(bonus.mean(), abs=1.5)


def test_bonus_leads_higher_than_chance():
    heights = {}
    for novelty in (True, False):
        found, states = exploration.explore(20_000, 1, novelty)
        heights[novelty] = states[:, 0].max()
    assert heights[True] > heights[False] + 0.2


# ---- As they stand ----


@pytest.mark.parametrize("name", ["imitation", "recovered_reward", "futures", "exploration"])
def test_script_runs_and_draws(name, tmp_path):
    pytest.importorskip("matplotlib")
    picture = tmp_path / "folder" / "picture.png"
    more = ["--policy-steps", "100"] if name == "futures" else []
    command = [
        sys.executable,
        str(EXAMPLES / f"{name}.py"),
        "--steps",
        "3",
        "--plot",
        str(picture),
        *more,
    ]
    said = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert said.returncode == 0, said.stderr
    assert "return" in said.stdout or "goal" in said.stdout or "top" in said.stdout
    assert picture.read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize("wrong", [["--steps", "0"], ["--steps", "x"], ["--seed", "-1"]])
def test_wrong_arguments_are_named(wrong):
    said = subprocess.run(
        [sys.executable, str(EXAMPLES / "exploration.py"), *wrong], capture_output=True, text=True
    )
    assert said.returncode == 2 and wrong[0] in said.stderr and "Traceback" not in said.stderr


def test_examples_use_public_functions_alone():
    for path in EXAMPLES.glob("*.py"):
        assert not re.search(r"swiftgan\._|import ctypes|\._handle", path.read_text()), path
