import SGBasics
import SGTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How vectors in units of their own, such as millimeters, grams and years, are brought to columns
/// of mean 0 and standard deviation 1 before a network sees them, and back.
public struct Standardization: Sendable, Equatable {
  /// The columns of the samples' elements; nil: the elements stay as they are.
  public let samples: Columns?
  /// The columns of the samples' conditions; nil: the conditions stay as they are.
  public let conditions: Columns?

  /// Nothing is changed.
  public static let none = Standardization(samples: nil, conditions: nil)

  package init(samples: Columns?, conditions: Columns?) {
    (self.samples, self.conditions) = (samples, conditions)
  }

  /// x ↦ (x − offset) / factor for each column of vectors. It is computed in double precision and
  /// rounded once; results beyond a float's range become its largest number.
  public struct Columns: Sendable, Equatable {
    /// The mean of each column.
    public let offset: [Float]
    /// The standard deviation of each column, above 0; 1 where a column is constant.
    public let factor: [Float]

    /// - Precondition: as many factors as offsets, all of them above 0.
    package init(offset: [Float], factor: [Float]) {
      precondition(offset.count == factor.count && factor.allSatisfy { $0 > 0 })
      (self.offset, self.factor) = (offset, factor)
    }

    /// Σ log factor: the logarithm of how much larger volumes are in the vectors' own units.
    public var logVolume: Double { factor.reduce(0) { $0 + log(Double($1)) } }
  }
}

extension Standardization {
  /// How many columns of samples and of conditions are standardized; null: none.
  package var json: JSON {
    guard self != .none else { return .null }
    return .object([
      ("columns", JSON(samples?.offset.count ?? 0)),
      ("conditions", JSON(conditions?.offset.count ?? 0)),
    ])
  }
}

extension Standardization.Columns {
  /// Vectors [n, size] in their own units as the networks see them.
  package func standardized(_ x: Tensor) -> Tensor {
    map(x) { x, offset, factor in (x - offset) / factor }
  }

  /// Vectors [n, size] of a network in their own units.
  package func restored(_ x: Tensor) -> Tensor {
    map(x) { x, offset, factor in x * factor + offset }
  }

  /// A derivative with respect to standardized vectors, [n, size], as one with respect to the
  /// vectors in their own units.
  package func chained(_ gradient: Tensor) -> Tensor {
    map(gradient) { g, _, factor in g / factor }
  }

  @inline(__always)
  private func map(_ x: Tensor, _ body: (Double, Double, Double) -> Double) -> Tensor {
    let most = Double(Float.greatestFiniteMagnitude)
    let size = offset.count
    return Tensor(shape: x.shape) { y in
      x.withElements { x in
        offset.withUnsafeBufferPointer { offset in
          factor.withUnsafeBufferPointer { factor in
            for first in stride(from: 0, to: x.count, by: size) {
              for k in 0..<size {
                let value = body(Double(x[first + k]), Double(offset[k]), Double(factor[k]))
                y[first + k] = Float(min(max(value, -most), most))
              }
            }
          }
        }
      }
    }
  }
}

extension Standardization {
  /// Samples in their own units as the networks see them.
  package func standardized(_ x: Tensor) -> Tensor { samples?.standardized(x) ?? x }

  /// Samples of a network in their own units.
  package func restored(_ x: Tensor) -> Tensor { samples?.restored(x) ?? x }

  /// A derivative with respect to the networks' samples as one with respect to samples in their own
  /// units.
  package func chained(_ gradient: Tensor) -> Tensor { samples?.chained(gradient) ?? gradient }

  /// Labels and conditions as the networks see them.
  package func standardized(_ given: Conditions) -> Conditions {
    guard let conditions, let values = given.values else { return given }
    return Conditions(labels: given.labels, values: conditions.standardized(values))
  }

  /// A batch as the networks see it.
  package func standardized(_ batch: Batch) -> Batch {
    guard self != .none else { return batch }
    var result = Batch(
      standardized(batch.samples), labels: batch.labels,
      conditions: standardized(Conditions(values: batch.conditions)).values)
    result.latents = batch.latents
    result.labelled = batch.labelled.map { standardized($0) }
    return result
  }

  /// A log density of samples as networks see them, [n], as that of samples in their own units.
  package func restoredDensity(_ logDensity: Tensor) -> Tensor {
    guard let samples else { return logDensity }
    let shift = samples.logVolume
    return Tensor(shape: logDensity.shape) { y in
      logDensity.withElements { x in
        for i in x.indices { y[i] = Float(Double(x[i]) - shift) }
      }
    }
  }
}
