"""What the benchmark computes itself: figures, who takes part in what, and numbers that are the same for every rival."""

import math

import alternate
import growth
import numpy as np
import pytest
import rivals
from figures import disagreements, exponents, sample_difference, strongest, summary
from rival_program import as_torch
from workloads import LARGEST, MLP, QUICK, SAMPLED, WORKLOADS, label


def test_summary_takes_ratios_round_by_round():
    times = {"ours": [[1.0, 1.0, 9.0], [2.0]], "slow": [[3.0], [4.0, 4.0]], "tired": [[10.0]]}
    out = summary(times)
    assert out["ours"] == {"median": 1.5, "minimum": 1.0, "runs": 4}
    assert out["slow"] == {"median": 4.0, "minimum": 3.0, "runs": 3, "ratio": [2.5, 2.0, 3.0]}
    # One that sat out a round is compared in those that it ran in.
    assert out["tired"]["ratio"] == [10.0, 10.0, 10.0]
    assert "ratio" not in summary({"a": [[1.0]], "b": [[2.0]]})["b"]


def test_strongest_has_the_lowest_median_ratio():
    times = {"ours": [[1.0]], "a": [[3.0]], "b": [[2.0]], "c": [[2.5]]}
    assert strongest(summary(times)) == "b"
    assert strongest(summary({"ours": [[1.0]]})) is None


def test_exponents_are_slopes_between_rows():
    assert exponents([8, 16, 32], [1.0, 2.0, 8.0]) == [None, pytest.approx(1), pytest.approx(2)]
    assert exponents([10, 40], [1.0, 4.0]) == [None, pytest.approx(1)]
    assert exponents([5], [1.0]) == [None]
    assert exponents([1, 2, 4], [0.0, 3.0, 3.0]) == [None, None, pytest.approx(0)]


def test_growth_marks_what_is_faster_than_the_mathematics():
    assert growth.sizes(625, 3) == [625, 1250, 2500]
    assert growth.marked(1.5, 1) and not growth.marked(1.2, 1) and not growth.marked(None, 1)
    result = {"what": "classes", "of": "MLP", "expected": (1, 1), "last": [2.0, 0.9], "complete": True}
    assert "FASTER THAN THE MATHEMATICS: time" in growth.conclusion(result)
    assert "FASTER" not in growth.conclusion(result | {"last": [1.0, None]})
    assert "took too long" in growth.conclusion(result | {"last": [1.0, 1.0], "complete": False})


def test_every_size_of_growth_has_a_configuration():
    for axis in growth.AXES:
        *_, rows, few, expected, configured = axis
        assert 1 < few <= rows and len(expected) == 2
        config, batch = configured(axis[2])
        assert config["data"]["shape"] and batch > 0


def test_other_work_disagrees():
    ours = [[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]
    assert disagreements({"ours": ours, "same": [[1.00001, 2.0], [1.001, 2.0], [1.02, 2.0]]}) == {}
    assert list(disagreements({"ours": ours, "early": [[1.001, 2.0], [1.0, 2.0], [1.0, 2.0]]})) == ["early"]
    assert list(disagreements({"ours": ours, "nan": [[1.0, 2.0], [1.0, math.nan], [1.0, 2.0]]})) == ["nan"]


def test_samples_are_compared_element_by_element():
    x = np.zeros((2, 3))
    assert sample_difference(x, x + [0, 0, 0.5]) == 0.5
    assert sample_difference(x, np.zeros((3, 2))) == math.inf
    assert sample_difference(x, np.full((2, 3), math.nan)) == math.inf


def test_rivals_run_in_turns_and_slow_ones_sit_out():
    order = []

    def contestant(name, seconds):
        def run(count):
            order.append(name)
            return [seconds] * count

        return run

    times = alternate.in_turns({"ours": contestant("ours", 0.1), "slow": contestant("slow", 5.0)}, 3, 0.2, 8.0)
    assert [len(r) for r in times["ours"]] == [2, 2, 2]
    # 10 s after two rounds of one run each.
    assert times["slow"] == [[5.0], [5.0]]
    # Two runs each to warm up; then another goes first in each round.
    assert order == ["ours", "ours", "slow", "slow", "ours", "slow", "slow", "ours", "ours"]


def test_every_rival_has_a_module_and_says_how():
    names = [r.name for r in rivals.RIVALS]
    assert len(set(names)) == len(names) and names[0] == "ours"
    for r in rivals.RIVALS:
        assert (rivals.HERE / f"{r.module}.py").exists() and r.how
        assert not r.program or (rivals.HERE / "programs" / f"{r.program}.cpp").exists()


def test_rivals_that_are_not_installed_are_named():
    absent = rivals.Rival("x", "x", ("no_such_module",), (), "")
    assert "no_such_module is not installed" in absent.missing()
    assert "program no_such was not built" in rivals.Rival("x", "x", (), (), "", program="no_such").missing()
    assert rivals.named("ours").missing() is None


def test_who_takes_part_in_what():
    def names(part, workload=None, everything=False):
        return {r.name for r in rivals.RIVALS if r.takes(part, workload, everything)}

    dcgan_28, penalized = WORKLOADS[1], [w for w in WORKLOADS if w.penalized]
    assert {"ours", "jax", "libtorch_1", "libtorch_2", "torch_whole_1", "torch_whole_2"} <= names("steps", MLP)
    assert "dlib" in names("steps", dcgan_28) and "dlib" not in names("steps", LARGEST)
    assert "jax" not in names("steps", LARGEST) and "jax" in names("steps", LARGEST, everything=True)
    assert len(penalized) == 3
    for workload in penalized:
        assert names("steps", workload, everything=True) == {"ours", "torch_default", "torch_tuned"}
    sampling = {"torch_frozen", "openvino_ours", "openvino_torch", "onnxruntime_ours", "onnxruntime_torch"}
    assert sampling <= names("sampling", LARGEST) and not sampling & names("steps")


@pytest.mark.parametrize("workload", [MLP, WORKLOADS[3], WORKLOADS[-1]], ids=label)
def test_workloads_are_the_same_in_every_process(workload):
    again = type(workload)(**vars(workload))
    for network in ("generator", "discriminator"):
        weights = workload.weights(network)
        assert [(n, w.shape) for n, w in weights.items()] == workload.parameters(network)
        assert all((w == again.weights(network)[n]).all() for n, w in weights.items())
    assert workload.data(1).shape == (1, workload.batch, *workload.shape)


def test_labels_of_workloads_differ():
    assert len({label(w) for w in WORKLOADS}) == len(WORKLOADS)
    assert LARGEST.name == "DCGAN-64 w64" and LARGEST in QUICK
    assert all(w in WORKLOADS for w in QUICK) and all(w in WORKLOADS for w, _ in SAMPLED)


def test_weights_in_the_layout_of_pytorch():
    assert as_torch(np.zeros((3, 5))).shape == (5, 3)
    assert as_torch(np.zeros((4, 4, 2, 8))).shape == (8, 2, 4, 4)
    assert as_torch(np.zeros(7)).shape == (7,)


def test_statistics_belong_to_the_generators_batch_norms():
    names = dict(LARGEST.parameters("generator"))
    for name, value in LARGEST.statistics().items():
        assert value.shape == names[name.rsplit(".", 1)[0] + ".bias"] and (value > 0).all() == name.endswith("var")
