"""The environments of the reinforcement-learning examples.

Many copies of an environment move at once, so that a step of all of them is a few operations of
NumPy. ``reset(random, count)`` gives the first states of ``count`` copies. ``step(states, actions,
random)`` gives their next states, their rewards, and whether the next states are final. A state is
a row of numbers, an action an integer. ``limit`` is the number of steps after which an episode is
cut, ``scale`` the order of magnitude of a state's numbers, by which networks divide them.
"""

import numpy as np


class CartPole:
    """A pole on a cart, which is pushed left (0) or right (1) by 10 N every 0.02 s (Barto, Sutton &
    Anderson 1983), with the numbers of gymnasium's ``CartPole-v1``.

    A state is the cart's position in m and velocity in m/s, the pole's angle in rad and angular
    velocity in rad/s. The reward is 1 for each step. States with a position beyond 2.4 m or an
    angle beyond 12 degrees are final.

    Args:
        gust: force in N of the wind, which blows from the left or the right with equal probability
            in each step.
    """

    size, actions, limit = 4, 2, 500
    scale = np.array([2.4, 2.0, 0.21, 2.0])

    def __init__(self, gust=0.0):
        self.gust = gust

    def reset(self, random, count):
        return random.uniform(-0.05, 0.05, (count, 4))

    def step(self, states, actions, random):
        _, v, angle, w = states.T
        force = np.where(actions == 1, 10.0, -10.0)
        force = force + self.gust * random.choice([-1.0, 1.0], len(states))
        # A cart of 1 kg, a pole of 0.1 kg whose center of mass is 0.5 m above the hinge.
        sine, cosine = np.sin(angle), np.cos(angle)
        push = (force + 0.05 * w**2 * sine) / 1.1
        turn = (9.8 * sine - cosine * push) / (0.5 * (4 / 3 - 0.1 * cosine**2 / 1.1))
        change = np.stack([v, push - 0.05 * turn * cosine / 1.1, w, turn], axis=1)
        after = states + 0.02 * change
        return after, np.ones(len(states)), self.final(after)

    @staticmethod
    def final(states):
        return (np.abs(states[:, 0]) > 2.4) | (np.abs(states[:, 2]) > 12 * np.pi / 180)


class MountainCar:
    """A car too weak for the slope in front of it, which has to swing (Moore 1990), with the
    numbers of gymnasium's ``MountainCar-v0`` but for the reward: 1 at the top, 0 everywhere else.

    A state is the position, -1.2 to 0.6, and the velocity, -0.07 to 0.07. The actions push left
    (0), not at all (1) and right (2). States with a position of 0.5 or more are final.
    """

    size, actions, limit = 2, 3, 200
    scale = np.array([0.6, 0.035])

    def reset(self, random, count):
        return np.stack([random.uniform(-0.6, -0.4, count), np.zeros(count)], axis=1)

    def step(self, states, actions, random):
        x, v = states.T
        v = np.clip(v + 0.001 * (actions - 1) - 0.0025 * np.cos(3 * x), -0.07, 0.07)
        x = np.clip(x + v, -1.2, 0.6)
        v = np.where((x == -1.2) & (v < 0), 0.0, v)
        final = (x >= 0.5) & (v >= 0)
        return np.stack([x, v], axis=1), final.astype(float), final


class Grid:
    """A square of cells with a walker, whose steps lead up, down, left, right or nowhere. A step
    against an edge leads nowhere, too.

    A state has one number for each cell: 1 where the walker is, else 0. The reward of a step is
    that of the cell where it begins. Episodes begin in any cell and have no final states.

    Args:
        rewards: (side, side) numbers; the goal is the cell with the highest one.
    """

    actions, limit, scale = 5, 30, 1.0

    def __init__(self, rewards):
        self.rewards = np.asarray(rewards, float).ravel()
        self.size, self.goal = len(self.rewards), int(self.rewards.argmax())
        side = round(self.size**0.5)
        row, column = np.divmod(np.arange(self.size), side)
        moves = [(-1, 0), (1, 0), (0, -1), (0, 1), (0, 0)]
        # The cell where an action leads, (cells, actions).
        self.next = np.stack(
            [
                np.clip(row + down, 0, side - 1) * side + np.clip(column + right, 0, side - 1)
                for down, right in moves
            ],
            axis=1,
        )

    def reset(self, random, count):
        return np.eye(self.size)[random.integers(0, self.size, count)]

    def step(self, states, actions, random):
        cells = states.argmax(axis=1)
        after = np.eye(self.size)[self.next[cells, actions]]
        return after, self.rewards[cells], np.zeros(len(states), bool)
