import ArgumentParser
import SwiftGAN

@main
struct SwiftGANCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swiftgan",
    abstract: "Trains generative adversarial networks and draws samples from them.",
    discussion: """
      A first run, on the Fashion-MNIST images of Debian's dataset-fashion-mnist:

        swiftgan train /usr/share/datasets/fashion-mnist --minutes 3 --out run
        swiftgan sample run/model.safetensors --out more.png
        swiftgan resume run --minutes 3
        swiftgan report run

      Exit status: 0 done; 1 failed, with one line that says why; 2 stopped by Ctrl-C or SIGTERM \
      after writing a checkpoint; 64 wrong usage.
      """,
    version: swiftGANVersion,
    subcommands: [
      Train.self, Resume.self, Report.self, Sample.self, Interpolate.self, Arithmetic.self,
      Complete.self, Translate.self,
      Info.self, Evaluate.self, Compare.self, CompareCosts.self, Convert.self, Schema.self,
      DataFormats.self,
    ])

  /// Runs the command that the arguments name. What ArgumentParser has to say goes the way of all
  /// other output, so that help, version and completion scripts that cannot be written are
  /// failures, too.
  static func main() {
    Terminal.prepare()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let (text, status) = (fullMessage(for: error), exitCode(for: error))
      if !text.isEmpty {
        if status.isSuccess { Terminal.say(text) } else { Terminal.complain(text) }
      }
      Terminal.finish(status.rawValue)
    }
    Terminal.finish(0)
  }
}

/// Turns a failure of the library, or a lack of memory, into one line on stderr and exit status 1.
func reporting(_ body: () throws -> Void) throws {
  Log.set { Terminal.complain("swiftgan: \($0): \($1)") }
  let (result, missing) = Memory.watched { Result { try body() } }
  do {
    if missing > 0 {
      throw Failure(.noMemory, "not enough memory: \(missing) bytes could not be had")
    }
    try result.get()
  } catch let failure as Failure {
    Terminal.complain("swiftgan: \(failure.message)")
    throw ExitCode(1)
  }
}
