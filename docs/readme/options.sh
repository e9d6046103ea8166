build/swiftgan train ring --set objective=minimax --set latent.size=8       # any key of the configuration, over a preset or a file
build/swiftgan train /usr/share/datasets/fashion-mnist --evaluate-every 500 --keep-every 1000 --tensorboard runs --out often
