/// A convolution along time that sees nothing later, with gaps between its taps (van den Oord et
/// al. 2016, "WaveNet", section 2.1): y[t] = bias + Σ_k x[t − (taps − 1 − k) dilation] w[k], x 0
/// before the beginning.
///
/// Cut into rows of `dilation` elements, time becomes an image whose columns are sequences without
/// gaps, so that this is a convolution along columns.
/// - Parameters:
///   - x: [batch, time, channels].
///   - w: [taps, channels, outputs].
///   - bias: [outputs], or none.
///   - dilation: at least 1.
/// - Returns: [batch, time, outputs].
package func causalConvolution(
  _ x: Tensor, _ w: Tensor, bias: Tensor? = nil, dilation: Int
) -> Tensor {
  let (n, time, channels) = (x.shape[0], x.shape[1], x.shape[2])
  let (taps, outputs) = (w.shape[0], w.shape[2])
  let rows = (time + dilation - 1) / dilation
  let whole = rows * dilation
  let padded = whole == time ? x : x.padded(at: [0, 0, 0], in: [n, whole, channels])
  let geometry = ConvolutionGeometry(
    input: (rows, dilation), output: (rows, dilation), kernel: (taps, 1), stride: (1, 1),
    padding: (taps - 1, 0))
  let y = convolution(
    padded.reshaped([n, rows, dilation, channels]), w.reshaped([taps, 1, channels, outputs]),
    bias: bias, geometry
  ).reshaped([n, whole, outputs])
  return whole == time ? y : y.slice(from: [0, 0, 0], [n, time, outputs])
}
