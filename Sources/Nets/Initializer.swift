import CSGOpenBLAS
import SGTensors

/// How a parameter gets its first values.
public enum Initializer: Sendable, Hashable {
  /// All 0.
  case zeros
  /// All the same.
  case constant(Float)
  /// N(0, deviation²).
  case normal(Float)
  /// N(0, deviation²) without what lies beyond two deviations.
  case truncatedNormal(Float)
  /// Uniform on ±√(6 / (fan in + fan out)) (Glorot & Bengio 2010).
  case glorot
  /// N(0, 2 / fan in) (He et al. 2015).
  case he
  /// N(0, 1 / fan in) (LeCun et al. 1998).
  case lecun
  /// A random matrix with orthonormal rows or columns, whichever are fewer, times gain (Saxe et al.
  /// 2014).
  case orthogonal(Float)

  /// Fills a parameter.
  func fill(
    _ y: UnsafeMutableBufferPointer<Float>, shape: Shape, fans: (in: Int, out: Int),
    random: RandomKey
  ) {
    switch self {
    case .zeros: y.update(repeating: 0)
    case .constant(let value): y.update(repeating: value)
    case .normal(let deviation): normal(y, deviation, random)
    case .truncatedNormal(let deviation):
      copy(random.truncatedNormal([1, y.count], deviation: deviation), to: y)
    case .glorot:
      let limit = (6 / Float(fans.in + fans.out)).squareRoot()
      copy(random.uniform([1, y.count], low: -limit, high: limit), to: y)
    case .he: normal(y, (2 / Float(fans.in)).squareRoot(), random)
    case .lecun: normal(y, (1 / Float(fans.in)).squareRoot(), random)
    case .orthogonal(let gain):
      let columns = shape.rank == 0 ? 1 : shape[-1]
      orthogonal(y, rows: y.count / columns, columns: columns, gain, random)
    }
  }

  private func normal(
    _ y: UnsafeMutableBufferPointer<Float>, _ deviation: Float, _ random: RandomKey
  ) {
    copy(random.normal([1, y.count], deviation: deviation), to: y)
  }

  private func copy(_ values: Tensor, to y: UnsafeMutableBufferPointer<Float>) {
    if values.isSpare { return }
    values.withElements { _ = y.update(from: $0) }
  }

  private func orthogonal(
    _ y: UnsafeMutableBufferPointer<Float>, rows: Int, columns: Int, _ gain: Float,
    _ random: RandomKey
  ) {
    // Q of a tall Gaussian matrix; LAPACK's matrices are column-major, so Q's columns are runs of
    // `long` floats.
    let (long, short) = (max(rows, columns), min(rows, columns))
    let lengths = Memory.forOpenBLAS + 4 * (long * short + 66 * short)
    let values = random.normal([1, long * short])
    guard !values.isSpare, Memory.hasRoom(for: lengths) else {
      Memory.noteShortage(lengths)
      return
    }
    var a = values.array
    var (m, n, info) = (Int32(long), Int32(short), Int32(0))
    var tau = [Float](repeating: 0, count: short)
    var lwork = Int32(64 * short)
    var work = [Float](repeating: 0, count: Int(lwork))
    sgeqrf_(&m, &n, &a, &m, &tau, &work, &lwork, &info)
    let signs = (0..<short).map { Float(a[$0 * long + $0] < 0 ? -1 : 1) }
    var k = n
    sorgqr_(&m, &n, &k, &a, &m, &tau, &work, &lwork, &info)
    for i in 0..<rows {
      for j in 0..<columns {
        let (s, l) = rows >= columns ? (j, i) : (i, j)
        y[i * columns + j] = gain * signs[s] * a[s * long + l]
      }
    }
  }
}
