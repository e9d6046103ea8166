/// A long series as fewer points that look the same: neighbors in groups, each with its mean,
/// least and greatest value.
package struct ThinnedSeries: Sendable {
  /// Each group's mean of x (the outermost x of the outer two), and its mean, least and greatest y;
  /// NaN where a group has no finite y.
  package private(set) var x, mean, least, greatest: [Double]

  /// - Parameters:
  ///   - x, y: as many of each. Values that are not finite are left out.
  ///   - points: the most groups.
  package init(x: [Double], y: [Double], points: Int) {
    (self.x, mean, least, greatest) = ([], [], [], [])
    let count = min(x.count, y.count)
    let groups = min(count, max(points, 1))
    for group in 0..<groups {
      let place = group * count / groups..<(group + 1) * count / groups
      let values = y[place].filter(\.isFinite)
      let middle = x[place].reduce(0, +) / Double(place.count)
      self.x.append(group == 0 ? x[0] : group == groups - 1 ? x[count - 1] : middle)
      mean.append(values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count))
      least.append(values.min() ?? .nan)
      greatest.append(values.max() ?? .nan)
    }
  }
}
