import numpy as np
import swiftgan

images = np.load("images.npy")                     # uint8 or float32, [count, height, width(, channels)]
gan = swiftgan.GAN("dcgan", width=32, steps=2000).fit(images)
gan.sample(64, seed=1)                             # float32 [64, height, width, channels]; notebooks show them
gan.save("model.safetensors")
