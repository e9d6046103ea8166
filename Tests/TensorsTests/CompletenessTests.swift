import Testing

extension TensorsTests {
  /// Holds the table against the sources, so that an operation without a row fails here.
  @Suite("Completeness") struct CompletenessTests {
    @Test("every op type has a row, and no row names another") func table() throws {
      let declared = try OpSources.types()
      let covered = Set(OpTable.rows.flatMap(\.covers))
      #expect(declared.subtracting(covered).sorted() == [], "op types without a row")
      #expect(covered.subtracting(declared).sorted() == [], "rows for types that do not exist")
      #expect(declared.count >= 46)
    }

    @Test("rows have names of their own") func names() {
      var seen: Set<String> = []
      for row in OpTable.rows {
        #expect(seen.insert(row.name).inserted, "two rows are called \(row.name)")
      }
    }

    @Test("the scan sees every form of declaration") func scan() {
      let text = """
        struct A: Op {
          let x: Int
        }
        public final class B : Sendable, BinaryOp { }
        // struct C: Op {
        struct D { let op: any Op }
        extension E: FusedOp where T: Other {}
        struct F:
          Sendable,
          ElementwiseOp
        {}
        protocol G: Op {}
        enum H{ case op }
        private struct I<T>: Op{}
        """
      #expect(OpSources.declared(in: text) == ["A", "B", "E", "F", "I<T>"])
    }
  }
}
