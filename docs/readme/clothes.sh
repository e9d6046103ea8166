build/swiftgan train /usr/share/datasets/fashion-mnist --width 32 --minutes 3 --out clothes
build/swiftgan resume clothes --minutes 10            # goes on where it stopped, bit for bit
build/swiftgan report clothes --film clothes.gif      # clothes/report.html: verdict, samples through time, curves, neighbors; the samples as a film, too
build/swiftgan sample clothes --count 64 --seed 7 --out samples.png   # or samples/ for single PNGs, samples.npz, - for stdout
build/swiftgan info clothes
build/swiftgan info /usr/share/datasets/fashion-mnist --out data.png   # classes, values, a picture of it
build/swiftgan train ring --steps 16000 --batch 256 --out ring
build/swiftgan train /usr/share/datasets/fashion-mnist --labels conditional --width 32 --minutes 3 --out classes
build/swiftgan sample classes --label 9 --out boots.png
build/swiftgan evaluate clothes /usr/share/datasets/fashion-mnist   # Fréchet distance, precision, recall, …
build/swiftgan interpolate clothes --out way.png
build/swiftgan complete clothes /usr/share/datasets/fashion-mnist --cover lower --out completed.png
build/swiftgan convert clothes generator.onnx --to onnx            # or to PyTorch's names and axes, or from them
build/swiftgan compare-costs --model clothes --out costs.png
