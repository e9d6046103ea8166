import SGBasics
import SGFormats

/// What a path holds, by the names of the files.
enum DataFormat {
  case idx, images, cifar, npy, npz, csv

  /// - Throws: `Failure` of kind io for a folder that holds nothing of the kind.
  init(of path: String) throws(Failure) {
    try FileIO.checkPath(path)
    guard FileIO.isDirectory(path) else {
      let name = path.lowercased()
      let endings: [(String, DataFormat)] = [
        (".npy", .npy), (".npz", .npz), (".csv", .csv), (".bin", .cifar),
      ]
      self = endings.first { name.hasSuffix($0.0) }?.1 ?? .idx
      return
    }
    let (folders, files) = try FileIO.list(path)
    func holds(_ names: [String]) -> Bool { files.contains { names.contains($0) } }
    if holds(
      ["train-images-idx3-ubyte", "t10k-images-idx3-ubyte"].flatMap { [$0, "\($0).gz"] })
    {
      self = .idx
    } else if files.contains(where: CIFAR.isName) {
      self = .cifar
    } else if !folders.isEmpty || files.contains(where: ImageFolder.isPNG) {
      self = .images
    } else {
      throw Failure(
        .io,
        "\(path): holds no train-images-idx3-ubyte[.gz], no CIFAR batches, no PNG files and no folders of them"
      )
    }
  }
}
