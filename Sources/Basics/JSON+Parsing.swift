import CSGJansson
import SGTensors

extension JSON {
  /// The deepest nesting that is read.
  package static let deepest = 64

  /// Parses one JSON value, an object or an array, with jansson: duplicates, trailing data, invalid
  /// UTF-8 and numbers that do not fit are errors.
  /// - Parameters:
  ///   - text: an object or an array.
  ///   - limit: the most bytes that it may have.
  /// - Throws: `Failure` of kind format, which names line and column, limit or noMemory.
  public init(parsing text: String, limit: Int = 1 << 20) throws(Failure) {
    var text = text
    let result: Result<JSON, Failure> = text.withUTF8 { bytes in
      do throws(Failure) {
        return .success(try JSON(parsing: UnsafeRawBufferPointer(bytes), limit: limit))
      } catch {
        return .failure(error)
      }
    }
    self = try result.get()
  }

  /// The same for bytes.
  package init(parsing bytes: UnsafeRawBufferPointer, limit: Int = 1 << 20) throws(Failure) {
    guard bytes.count <= limit else {
      throw Failure(.limit, "JSON: \(bytes.count) bytes are more than \(limit)")
    }
    try Self.checkDepth(bytes)
    // jansson's values and ours: at most 128 bytes for two such as "0,", which grow by doubling.
    try Memory.expectRoom(for: 96 * bytes.count, "JSON of \(bytes.count) bytes")
    var error = json_error_t()
    guard
      let root = json_loadb(
        bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count,
        Int(JSON_REJECT_DUPLICATES), &error)
    else {
      let message = withUnsafePointer(to: &error.text) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(JSON_ERROR_TEXT_LENGTH)) {
          String(cString: $0)
        }
      }
      if json_error_code(&error) == json_error_out_of_memory {
        throw Failure(.noMemory, "not enough memory for JSON of \(bytes.count) bytes")
      }
      throw Failure(
        .format, "JSON, line \(error.line), column \(error.column): \(message)")
    }
    defer { json_decref(root) }
    self = Self.value(root)
  }

  /// Nesting is bounded before the parser, which recurses, sees it.
  private static func checkDepth(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    var depth = 0
    var inString = false
    var escaped = false
    for (i, byte) in bytes.enumerated() {
      if inString {
        if escaped {
          escaped = false
        } else if byte == UInt8(ascii: "\\") {
          escaped = true
        } else if byte == UInt8(ascii: "\"") {
          inString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): inString = true
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        if depth > deepest {
          throw Failure(.format, "JSON, byte \(i): nested deeper than \(deepest)")
        }
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
    }
  }

  private static func value(_ json: UnsafeMutablePointer<json_t>) -> JSON {
    switch json.pointee.type {
    case JSON_TRUE: return .bool(true)
    case JSON_FALSE: return .bool(false)
    case JSON_INTEGER: return .integer(json_integer_value(json))
    case JSON_REAL: return .number(json_real_value(json))
    case JSON_STRING: return .string(String(cString: json_string_value(json)))
    case JSON_ARRAY:
      return .array(
        (0..<json_array_size(json)).compactMap { json_array_get(json, $0).map(value) })
    case JSON_OBJECT:
      var members: [(key: String, value: JSON)] = []
      var next = json_object_iter(json)
      while let place = next {
        if let key = json_object_iter_key(place), let member = json_object_iter_value(place) {
          members.append((String(cString: key), value(member)))
        }
        next = json_object_iter_next(json, place)
      }
      return .object(members)
    default: return .null
    }
  }
}
