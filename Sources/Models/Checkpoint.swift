import SGBasics
import SGFormats
import SGTensors

/// A model's snapshot as one safetensors file. Knows no models: only named tensors and strings.
public enum Checkpoint {
  /// Writes beside `path`, flushes, then renames: at any moment the old file or the new one is
  /// there, whole.
  public static func write(_ snapshot: Snapshot, to path: String) throws(Failure) {
    try Memory.checked { () throws(Failure) in
      try Safetensors.write(snapshot.tensors, metadata: snapshot.texts, to: path)
    }
  }

  /// Reads a file that `write` made, or another safetensors file of 32-bit floats.
  public static func read(_ path: String) throws(Failure) -> Snapshot {
    try Memory.checked { () throws(Failure) in
      let file = try SafetensorsFile(path)
      var tensors: [(name: String, value: Tensor)] = []
      for entry in file.tensors { tensors.append((entry.name, try file.tensor(entry))) }
      return Snapshot(tensors: tensors, texts: file.metadata)
    }
  }
}
