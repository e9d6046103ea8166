import swiftgan

with swiftgan.Dataset.open("/usr/share/datasets/fashion-mnist") as data:
    model = swiftgan.Model({
        "data": {"shape": [28, 28, 1]},
        "generator": {"preset": "dcgan", "width": 32},
        "discriminator": {"preset": "dcgan", "width": 32},
    })
    model.train(data, 200, on_progress=lambda step, report: print(step, report["images_per_second"]), report_every=50)
    images = model.sample(64, seed=1)          # float32 array [64, 28, 28, 1] in [-1, 1]
    swiftgan.write_png("samples.png", images)
