"""ONNX Runtime and OpenVINO as rivals in sampling: from the file that this library exports, and from one that PyTorch exports."""

import os
import time

import numpy as np
from workloads import Workload


class ONNXRuntime:
    def versions(self):
        import onnxruntime

        return {"ONNX Runtime": onnxruntime.__version__}

    def load(self, path, size, threads):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.intra_op_num_threads = threads
        options.add_free_dimension_override_by_name("batch", size)
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        (given,) = (i.name for i in session.get_inputs())
        return lambda z: session.run(None, {given: z})[0]


class OpenVINO:
    def versions(self):
        import openvino

        return {"OpenVINO": openvino.__version__.split("-")[0]}

    def load(self, path, size, threads):
        import openvino

        core = openvino.Core()
        model = core.read_model(path)
        model.reshape([size, *(d.get_length() for d in list(model.inputs[0].partial_shape)[1:])])
        settings = {
            "PERFORMANCE_HINT": "LATENCY",
            # Processors with AMX would take bfloat16 by themselves.
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
        }
        request = core.compile_model(model, "CPU", settings).create_infer_request()
        return lambda z: next(iter(request.infer([z], share_inputs=True, share_outputs=True).values()))


class Rival:
    def __init__(self, name):
        runtime, self.origin = name.split("_")
        self.runtime = {"onnxruntime": ONNXRuntime, "openvino": OpenVINO}[runtime]()

    def versions(self):
        return self.runtime.versions()

    def prepare_samples(self, files, count, **workload):
        """files: {"ours": path, "torch": path}, of which this rival takes one."""
        self.w, self.count = Workload(**workload), count
        self.run = self.runtime.load(files[self.origin], count, len(os.sched_getaffinity(0)))
        self.random = np.random.default_rng(1)

    def samples_of(self, path):
        """Writes the samples of the workload's first latents, [count, height, width, channels]."""
        x = self.run(self.latents_as_given(self.w.sample_latents(self.count)))
        np.save(path, x if self.origin == "ours" else x.transpose(0, 2, 3, 1))

    def latents_as_given(self, z):
        return z if self.origin == "ours" else z[:, :, None, None]

    def samples(self, size, count):
        seconds = []
        for _ in range(count):
            start = time.perf_counter()
            self.run(self.latents_as_given(self.random.standard_normal((size, self.w.latents), np.float32)))
            seconds.append(time.perf_counter() - start)
        return seconds


def make(name):
    return Rival(name)
