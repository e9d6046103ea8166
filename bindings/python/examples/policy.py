"""What the reinforcement-learning examples learn with: a stochastic policy, episodes of it, and its
policy gradient, in NumPy."""

import argparse
import pathlib
from typing import NamedTuple

import numpy as np


class Policy:
    """P(action | state) = softmax(W h + c) with h the scaled state, or tanh(V state + b) with
    ``hidden`` units. It begins with equal probabilities.

    Args:
        size: numbers of a state.
        actions: how many there are.
        scale: what states are divided by.
    """

    def __init__(self, size, actions, random, hidden=0, scale=1.0):
        self.size, self.actions, self.hidden, self.scale = size, actions, hidden, scale
        self.cut = (size + 1) * hidden
        first = random.normal(0, 1 / np.sqrt(size), self.cut)
        self.weights = np.concatenate([first, np.zeros(((hidden or size) + 1) * actions)])

    def _features(self, states):
        x = with_one(states / self.scale)
        if not self.hidden:
            return x, x
        return x, with_one(np.tanh(x @ self.weights[: self.cut].reshape(-1, self.hidden)))

    def log_probabilities(self, states):
        """The logarithm of each action's probability, (count, actions)."""
        logits = self._features(states)[1] @ self.weights[self.cut :].reshape(-1, self.actions)
        logits -= logits.max(axis=1, keepdims=True)
        return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))

    def act(self, states, random):
        """An action for each state, drawn by its probabilities."""
        return drawn(np.exp(self.log_probabilities(states)), random)

    def scores(self, states, actions):
        """The derivatives of log P(action | state) by the weights, (count, weights)."""
        count = len(states)
        x, h = self._features(states)
        error = np.eye(self.actions)[actions] - np.exp(self.log_probabilities(states))
        last = (h[:, :, None] * error[:, None, :]).reshape(count, -1)
        if not self.hidden:
            return last
        back = error @ self.weights[self.cut :].reshape(-1, self.actions)[:-1].T
        back *= 1 - h[:, :-1] ** 2
        return np.concatenate([(x[:, :, None] * back[:, None, :]).reshape(count, -1), last], axis=1)

    def improve(self, states, actions, advantages, divergence=0.02):
        """A step of the natural policy gradient (Kakade 2001): along F⁻¹ g, with g the mean of
        score times advantage and F the mean outer product of the scores.

        Args:
            states, actions: (…, size) and (…,), those of a batch.
            advantages: (…,); only their differences count, in units of their deviation.
            divergence: about the Kullback-Leibler divergence of the policy before and after, nats.
        """
        a = advantages.ravel() - advantages.mean()
        a /= a.std() + 1e-8
        scores = self.scores(states.reshape(-1, self.size), actions.ravel())
        gradient = scores.T @ a / len(a)
        fisher = scores.T @ scores / len(a)
        direction = np.linalg.solve(fisher + 1e-3 * np.eye(len(fisher)), gradient)
        self.weights += np.sqrt(2 * divergence / max(gradient @ direction, 1e-12)) * direction


class Batch(NamedTuple):
    """What copies of an environment did, each (length, copies, …)."""

    states: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    after: np.ndarray  # the next states
    final: np.ndarray  # whether these are final
    last: np.ndarray  # whether an episode ended: in a final state, or by the limit


class Play:
    """Copies of an environment. Their episodes go on from one batch to the next.

    Attributes:
        steps: made so far, by all copies together.
        lengths, returns: steps, and sums of the rewards, of the episodes that have ended.
    """

    def __init__(self, environment, copies, random):
        self.environment, self.random = environment, random
        self.states = environment.reset(random, copies)
        self.ages, self.sums = np.zeros(copies, int), np.zeros(copies)
        self.steps, self.lengths, self.returns = 0, [], []

    def batch(self, policy, length):
        """``length`` steps of every copy, whose actions are those of ``policy.act``."""
        rows = []
        for _ in range(length):
            states, actions = self.states, policy.act(self.states, self.random)
            after, rewards, final = self.environment.step(states, actions, self.random)
            self.ages += 1
            self.sums += rewards
            last = final | (self.ages >= self.environment.limit)
            rows.append((states, actions, rewards, after, final, last))
            self.states = after.copy()
            if last.any():
                self.lengths += self.ages[last].tolist()
                self.returns += self.sums[last].tolist()
                self.states[last] = self.environment.reset(self.random, int(last.sum()))
                self.ages[last], self.sums[last] = 0, 0
        self.steps += length * len(self.states)
        return Batch(*(np.stack(column) for column in zip(*rows)))


def episodes(environment, policy, count, random):
    """The first episode of each of ``count`` copies: its states (steps, size), its actions (steps,)
    and the returns (count,)."""
    batch = Play(environment, count, random).batch(policy, environment.limit)
    first = np.cumsum(batch.last, axis=0) - batch.last == 0
    return batch.states[first], batch.actions[first], (batch.rewards * first).sum(axis=0)


def advantages(batch, rewards, features, discount=0.99, decay=0.95, ending=0.0):
    """Generalized advantage estimates (Schulman et al. 2016), in the shape of the rewards. The
    baseline is linear in ``features`` of states, by least squares.

    Args:
        rewards: (length, copies), those to learn from.
        discount, decay: γ and λ.
        ending: the value of final states.
    """

    def matrix(states):
        return with_one(features(states.reshape(-1, states.shape[-1])))

    def summed(terms, beyond, factor):
        """Sums of terms to the end of each episode, discounted; where the batch or the limit cuts
        an episode, ``beyond`` says what follows."""
        sums, tail = np.empty_like(terms), beyond[-1]
        for t in reversed(range(len(terms))):
            tail = terms[t] + factor * np.where(batch.last[t], beyond[t], tail)
            sums[t] = tail
        return sums

    now, then = matrix(batch.states), matrix(batch.after)
    weights = np.zeros(now.shape[1])
    square = now.T @ now + 1e-3 * np.eye(now.shape[1])
    for _ in range(3):  # what follows is the baseline's own estimate
        beyond = np.where(batch.final, ending, (then @ weights).reshape(rewards.shape))
        weights = np.linalg.solve(square, now.T @ summed(rewards, beyond, discount).ravel())
    beyond = np.where(batch.final, ending, (then @ weights).reshape(rewards.shape))
    differences = rewards + discount * beyond - (now @ weights).reshape(rewards.shape)
    return summed(differences, np.zeros_like(rewards), discount * decay)


def products(scale):
    """Features for the baseline: the scaled numbers of a state and the products of two of them."""

    def features(states):
        x = states / scale
        i, j = np.triu_indices(x.shape[1])
        return np.concatenate([x, x[:, i] * x[:, j]], axis=1)

    return features


def drawn(probabilities, random):
    """An index for each row of probabilities, (count,)."""
    below = probabilities.cumsum(axis=1)[:, :-1]
    return (random.random((len(below), 1)) > below).sum(axis=1)


def with_one(x):
    """A column of ones behind those of a matrix."""
    return np.concatenate([x, np.ones((len(x), 1))], axis=1)


def arguments(about, steps, of):
    """A parser of the arguments that all examples have.

    Args:
        about: a module's documentation, whose first paragraph is shown.
        steps: the default of ``--steps``, ``of`` what they are steps.
    """
    parser = argparse.ArgumentParser(description=about.split("\n\n")[0])
    parser.add_argument("--steps", type=at_least(1), default=steps, help=f"{of} ({steps})")
    parser.add_argument("--seed", type=at_least(0), default=1, help="of everything (1)")
    parser.add_argument("--plot", metavar="FILE", help="write a picture, by matplotlib")
    return parser


def at_least(low):
    """A type for argparse: an integer not below ``low``."""

    def number(text):
        value = int(text)
        if value < low:
            raise argparse.ArgumentTypeError(f"expected at least {low}, found {value}")
        return value

    number.__name__ = "integer"
    return number


def save(figure, path):
    """Writes a figure of matplotlib and, where it is missing, the folder of its file."""
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
