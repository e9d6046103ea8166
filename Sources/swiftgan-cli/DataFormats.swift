import ArgumentParser
import SwiftGAN

/// What can stand for DATA. `swiftgan help data` shows it, too.
struct DataFormats: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Lists the formats of data, and the options of each.",
    discussion: """
      DATA of train, info, evaluate and complete is one of these. An option is given as --data-option key=value; its value is JSON, else a string.

      A folder of PNG and JPEG files. Subfolders are the classes, or train, test and val, which hold the classes.
        split=train         or test, val
        background=white    behind transparent pixels: also #rrggbb, [r, g, b]
        skip_corrupt=true   leaves damaged files out instead of stopping
        inputs=FOLDER       what each picture is made from, in a file of its name
        unpaired=true       inputs of any number and names, for cyclegan
        side_by_side=left   or right: that half of each picture is its input
        size crop resize channels range limit memory, and those of all data

      IDX files: a file of images (...-idx3-ubyte, also .gz) with its labels beside it, or a folder that holds MNIST's, Fashion-MNIST's, EMNIST's or QMNIST's files.
        split=train         or test: which files of a folder
        labels=PATH         the IDX file of labels, where it has another name
        transposed=true     stored column by column (without: files emnist-...)
        size crop resize channels range limit memory, and those of all data

      CIFAR-10's or CIFAR-100's binary version: a folder of data_batch_*.bin or train.bin, or one such file.
        split=train         or test
        coarse=true         CIFAR-100's 20 classes instead of its 100
        size crop resize channels range limit memory, and those of all data

      A NumPy array, .npy: [count, n], [count, height, width] or [count, height, width, channels].
        labels=PATH         another .npy file
        inputs=PATH         a .npy file of what each sample is made from
        unpaired=true       inputs of any number, for the family cyclegan
        missing=true        NaN elements are missing
        size crop resize channels range limit memory, and those of all data

      An archive of NumPy arrays, .npz.
        split=train         or test, val: x_train (Keras), train_images (MedMNIST)
        samples=NAME        the array of samples, where it has an unusual name
        labels=NAME         the array of labels, where it has an unusual name
        inputs=NAME         the array of what each sample is made from
        unpaired=true       inputs of any number, for the family cyclegan
        missing=true        NaN elements are missing
        size crop resize channels range limit memory, and those of all data

      A table of numbers, .csv or .tsv: a line of names, then a sample a line; commas, semicolons or tabs.
        labels=NAME         the column with the classes, numbers or names (without: a column "class" of names)
        conditions=["a"]    the columns that are conditions
        missing=true        blank fields and nan are missing elements
        range limit memory, and those of all data

      WAV files: one, or a folder of them; subfolders are the classes. PCM or floating point, channels mixed down.
        window=8000         samples of each window (without: a second)
        hop=4000            from one window to the next (without: a window)
        rate=8000           resampled to so many samples a second
        limit memory, and those of all data

      ring: Gaussians on a circle.
        count=100000 modes=8 radius=1 deviation=0.01 seed=1

      grid: Gaussians on a square grid.
        count=100000 side=5 spacing=2 deviation=0.05 seed=1

      Images of all formats:
        size=64             the middle square, resized; RGB if any is (or --size)
        crop=[60,80]        the middle: [height, width], a number, or square
        resize=[48,64]      to this size: [height, width] or a number
        channels=3          1 (gray) or 3 (RGB)
      All files:
        range=[-1,1]        what the stored values 0...255 become
        limit=1000          only the first samples
        memory=512          MiB in memory; more are read while training
      All data but ring and grid:
        classes=["a","b"]   names in the order of numbers; matched by name
        labelled=100        only so many labels, as many of each class
        stack=3             gray images as channels of one, with count=128000 of them
        values=[0,1]        the values of black and white in floats
        shuffle_block=1000  training shuffles blocks of neighbors
        flip=true shift=2   training sees images mirrored and moved
        degrade={"gray":…}  inputs made of the images: gray, or an object of
                            gray, downsample (4), mask (0.5), noise (0.1), seed
        seed=1              of labelled and stack
      """)

  func run() throws {
    try reporting { Terminal.say(SwiftGANCommand.helpMessage(for: Self.self)) }
  }
}
