import SwiftGAN
import Testing

/// Training as an asynchronous sequence.
@Suite struct ReportsTests {
  private static func trainer() throws -> Trainer {
    let model = try GAN(
      Configuration(
        shape: [2], latent: Prior(size: 4), generator: .mlp(width: 8),
        discriminator: .mlp(width: 8)))
    return try Trainer(model, data: .ring(count: 100), batch: 10)
  }

  @Test func reportsComeWhenRunGivesThem() async throws {
    var ran = try Self.trainer()
    var steps: [UInt64] = []
    try ran.run(steps: 10, reportEvery: 4) {
      steps.append($0.step)
      return true
    }
    let awaited = try Self.trainer()
    var reports: [UInt64] = []
    for try await report in awaited.reports(steps: 10, every: 4) {
      reports.append(report.step)
      #expect(report.balance != nil)
    }
    #expect(reports == [4, 8, 10])
    #expect(reports == steps)
    #expect(
      zip(awaited.model.snapshot().tensors, ran.model.snapshot().tensors)
        .allSatisfy { $0.value.array == $1.value.array })
  }

  @Test func endingTheIterationEndsTheTraining() async throws {
    let trainer = try Self.trainer()
    for try await report in trainer.reports(steps: 100, every: 5) where report.step == 10 { break }
    #expect(trainer.model.step == 10)
    for try await _ in trainer.reports(steps: 0) { Issue.record("a report of no step") }
    for try await _ in trainer.reports(steps: 3, every: 0) {}
    #expect(trainer.model.step == 13)
  }

  @Test func cancellationThrowsAfterAWholeStep() async throws {
    let (started, start) = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      let trainer = try Self.trainer()
      do {
        for try await _ in trainer.reports(steps: .max, every: 1) { start.yield() }
      } catch let failure as Failure {
        #expect(failure.message == "cancelled after step \(trainer.model.step)")
        #expect(try GAN(trainer.model.snapshot()).step == trainer.model.step)
        throw failure
      }
    }
    for await _ in started { break }
    task.cancel()
    let result = await task.result
    #expect { try result.get() } throws: { ($0 as? Failure)?.kind == .cancelled }
  }

  @Test func aFailureEndsTheSequence() async throws {
    let trainer = try Self.trainer()
    let reports = trainer.reports(steps: 3, checkpoint: ("/nowhere/model.safetensors", 2))
    var seen: [UInt64] = []
    await #expect { for try await report in reports { seen.append(report.step) } } throws: {
      ($0 as? Failure)?.kind == .io
    }
    #expect(seen == [1])
  }
}
