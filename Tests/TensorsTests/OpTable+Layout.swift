import SGTensors

extension OpTable {
  /// A linear function that only moves, repeats or adds elements.
  private static func move(
    _ name: String, _ type: String, _ shapes: [[Int]], tolerance: Tolerance = .exact,
    _ op: @escaping @Sendable ([Tensor]) -> Tensor,
    _ reference: @escaping @Sendable ([Values]) -> Values
  ) -> OpRow {
    OpRow(
      name: name, covers: [type], cases: [shapes.map { Input(shape: $0) }], tolerance: tolerance,
      linear: .together, op: op, reference: reference)
  }

  static let layout: [OpRow] =
    reshapes + broadcasts + permutations + blocks + concatenations + moves

  private static let reshapes: [OpRow] = [
    ([6], [2, 3]), ([2, 1, 3, 2, 1, 5], [5, 12]), ([], [1, 1]), ([1], []), ([0, 4], [2, 0]),
    ([129, 257], [257, 129]),
  ].map { (from: [Int], to: [Int]) in
    move(
      "reshape \(from) to \(to)", "Reshape", [from], { $0[0].reshaped(Shape(to)) },
      { Values(to, $0[0].elements) })
  }

  private static let broadcasts: [OpRow] = [
    ([], [3]), ([5], [3, 5]), ([3, 1], [3, 5]), ([1, 1], [1, 4]), ([2, 1, 3], [4, 2, 5, 3]),
    ([2, 1, 3, 1, 1, 2], [2, 4, 3, 2, 3, 2]), ([1, 3], [0, 3]), ([257], [131, 257]),
    ([131, 1], [131, 257]),
  ].map { (from: [Int], to: [Int]) in
    move(
      "broadcast \(from) to \(to)", "Broadcast", [from], { $0[0].broadcast(to: Shape(to)) },
      { x in Values(to) { x[0].broadcast($0) } })
  }

  private static let permutations: [OpRow] = [
    ([4], [0]), ([3, 5], [1, 0]), ([2, 3, 5], [2, 0, 1]), ([2, 3, 4, 5], [0, 3, 1, 2]),
    ([2, 3, 4, 5], [0, 2, 3, 1]), ([1, 7, 1], [2, 1, 0]),
    ([2, 3, 2, 1, 5, 3], [4, 2, 0, 5, 3, 1]),
    ([2, 3, 2, 1, 5, 3], [5, 4, 3, 2, 1, 0]), ([0, 3], [1, 0]), ([133, 257], [1, 0]),
    ([9, 21, 17, 13], [0, 3, 1, 2]),
  ].map { (shape: [Int], order: [Int]) in
    move(
      "permute \(shape) by \(order)", "Permute", [shape], { $0[0].permuted(order) },
      { x in
        Values(order.map { shape[$0] }) { index in
          var source = index
          for (i, axis) in order.enumerated() { source[axis] = index[i] }
          return x[0][source]
        }
      })
  }

  private static let blocks: [OpRow] = [
    ([5], [2], [3]), ([4, 5], [1, 0], [2, 5]), ([4, 5], [0, 2], [4, 1]),
    ([3, 4, 5], [1, 1, 2], [2, 3, 3]), ([3, 4], [1, 2], [0, 2]), ([3, 4], [0, 0], [3, 4]),
    ([2, 3, 2, 2, 5, 3], [1, 0, 1, 0, 2, 1], [1, 3, 1, 2, 3, 2]),
    ([200, 190], [3, 7], [181, 177]),
  ].flatMap { (whole: [Int], start: [Int], part: [Int]) in
    [
      move(
        "slice \(part) from \(start) of \(whole)", "Slice", [whole],
        { $0[0].slice(from: start, Shape(part)) },
        { x in Values(part) { x[0][zip(start, $0).map { $0 + $1 }] } }),
      move(
        "pad \(part) at \(start) in \(whole)", "Pad", [part],
        { $0[0].padded(at: start, in: Shape(whole)) },
        { x in
          var result = Values.zeros(whole)
          Values.indices(part) { result[zip(start, $0).map { $0 + $1 }] = x[0][$0] }
          return result
        }),
    ]
  }

  private static let concatenations: [OpRow] = [
    ([[3], [1], [4]], 0), ([[2, 3], [2, 1], [2, 5]], 1), ([[2, 3], [4, 3]], 0), ([[5, 1]], -1),
    ([[2, 1, 3], [2, 4, 3]], 1), ([[2, 0], [2, 3]], 1),
    ([[1, 2, 2, 1, 3, 2], [1, 2, 2, 5, 3, 2]], 3), ([[150, 127], [150, 131]], 1),
  ].map { (shapes: [[Int]], axis: Int) in
    move(
      "concatenate \(shapes) along \(axis)", "Concatenate", shapes,
      { Tensor.concatenate($0, axis: axis) },
      { x in
        let axis = axis < 0 ? axis + shapes[0].count : axis
        var whole = shapes[0]
        whole[axis] = shapes.reduce(0) { $0 + $1[axis] }
        return Values(whole) { index in
          var (index, part) = (index, 0)
          while index[axis] >= shapes[part][axis] {
            index[axis] -= shapes[part][axis]
            part += 1
          }
          return x[part][index]
        }
      })
  }

  /// Height, width and channels of images, and how each is moved.
  private static let imageMoves: [([Int], [ImageMove])] = [
    ([4, 5, 2], [ImageMove(), ImageMove(down: 1, right: 2), ImageMove(down: -2, right: -1)]),
    ([3, 4, 1], [ImageMove(isMirrored: true), ImageMove(down: 2, right: -3, isMirrored: true)]),
    (
      [3, 3, 2], [ImageMove(down: 3), ImageMove(right: -7), ImageMove(right: 7, isMirrored: true)]
    ),
    ([1, 1, 3], [ImageMove(isMirrored: true)]), ([0, 2, 1], [ImageMove(down: 1)]),
    ([31, 57, 3], (0..<9).map { ImageMove(down: $0 - 4, right: 5 - $0, isMirrored: $0 % 2 == 1) }),
  ]

  private static let moves: [OpRow] = imageMoves.map { image, moves in
    let shape = [moves.count] + image
    return move(
      "moves of \(shape)", "MoveImages", [shape], { $0[0].moved(moves) },
      { x in
        Values(shape) { at in
          let move = moves[at[0]]
          let (row, column) = (at[1] - Int(move.down), at[2] - Int(move.right))
          guard (0..<image[0]).contains(row), (0..<image[1]).contains(column) else { return 0 }
          return x[0][[at[0], row, move.isMirrored ? image[1] - 1 - column : column, at[3]]]
        }
      })
  }

  /// Table's shape and index; with an index that repeats and one that leaves rows out.
  private static let tables: [([Int], [Int32])] = [
    ([5], [0, 4, 4, 2]), ([4, 3], [3, 0, 0, 1, 3, 3]), ([1, 7], [0]), ([3, 2], []),
    ([6, 2, 1, 3, 2, 1], [5, 1, 5]), ([60, 301], (0..<150).map { Int32($0 * 7 % 50) }),
  ]

  static let indexing: [OpRow] = tables.flatMap { table, index in
    let width = table.dropFirst().reduce(1, *)
    let rows: [Int] = [index.count] + table.dropFirst()
    let gather = move(
      "gather \(index.prefix(6)) of \(table)", "Gather", [table], { $0[0].gather(index) },
      { x in
        var result = Values.zeros(rows)
        for (i, row) in index.enumerated() {
          for c in 0..<width {
            result.elements[i * width + c] = x[0].elements[Int(row) * width + c]
          }
        }
        return result
      })
    let scatter = move(
      "scatter \(index.prefix(6)) to \(table)", "ScatterAdd", [rows],
      tolerance: .overall(1e-6), { $0[0].scatterAdd(index, rows: table[0]) },
      { x in
        var result = Values.zeros(table)
        for (i, row) in index.enumerated() {
          for c in 0..<width {
            result.elements[Int(row) * width + c] += x[0].elements[i * width + c]
          }
        }
        return result
      })
    return [gather, scatter]
  }
}
