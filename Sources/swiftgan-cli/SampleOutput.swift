import ArgumentParser
import SwiftGAN

/// Where samples go and how pictures of them look.
struct SampleOutput: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help:
      """
      Where to write: .png (a grid of images), .wav (sounds one after another), .npy or .npz \
      (arrays), .csv (vectors, with the classes), a folder for one PNG or WAV file each (samples/, \
      or samples/%05d.png), or - for standard output.
      """
  )
  var out: String?

  @Option(help: "Pixels of the lines around the images of a grid.")
  var border = 2

  @Option(help: "The side of the square that each pixel becomes in a picture.")
  var scale = 1

  @OptionGroup var output: OutputOptions

  /// Checks the path before anything is made.
  func check(shape: Shape, isSound: Bool = false) throws(Failure) {
    if let out, out != "-" { try SampleFiles.check(out, shape: shape, isSound: isSound) }
  }

  /// Writes samples and says where they are.
  /// - Parameter standard: where to write if nothing is said; nil: to standard output.
  func write(_ samples: SampleFiles, standard: String?) throws(Failure) {
    var samples = samples
    (samples.border, samples.scale) = (border, scale)
    if let path = out == "-" ? nil : out ?? standard {
      output.written([try samples.write(to: path)])
    } else if samples.samples.rank == 4 {
      if output.json {
        throw Failure(.argument, "--json: standard output takes the picture; expected a file")
      }
      Terminal.put(try samples.png())
    } else if output.json {
      let rows = JSON.array(samples.rows.map(Self.json))
      Terminal.say(JSON.object([("samples", rows)]).text(pretty: false))
    } else {
      for row in samples.rows { Terminal.say(row.map { "\($0)" }.joined(separator: ",")) }
    }
  }

  private static func json(_ row: ArraySlice<Float>) -> JSON {
    .array(row.map { .number(Double($0)) })
  }
}
