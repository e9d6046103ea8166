/// Kinds of files that are told by their first bytes, for messages about files given as something else.
enum FileSignature {
  private static let known: [(bytes: [UInt8], name: String)] = [
    ([0x89, 0x50, 0x4E, 0x47], "a PNG file; images are read from the folder that holds them"),
    ([0xFF, 0xD8, 0xFF], "a JPEG file"), (Array("GIF8".utf8), "a GIF file"),
    (Array("BM".utf8), "a BMP file"), (Array("RIFF".utf8), "a RIFF file (WebP, WAV, …)"),
    ([0x93] + Array("NUMPY".utf8), "an NPY file; its name must end in .npy"),
    (Array("PK".utf8), "a ZIP archive; an .npz file's name must end in .npz"),
    ([0x1F, 0x8B], "a gzip file"), (Array("%PDF".utf8), "a PDF file"),
    (Array("\u{7F}ELF".utf8), "an ELF program"),
  ]

  /// What a file that begins with these bytes is; nil: not known.
  static func name(of bytes: [UInt8]) -> String? {
    known.first { bytes.starts(with: $0.bytes) }?.name
  }
}
