/// Kinds of files that are told by their first bytes, for messages about files given as something
/// else.
package enum FileSignature {
  private static let pictures = "; pictures are read from the folder that holds them"

  private static let known: [(bytes: [UInt8], name: String)] = [
    ([0x89, 0x50, 0x4E, 0x47], "a PNG file" + pictures),
    ([0xFF, 0xD8, 0xFF], "a JPEG file" + pictures),
    (Array("GIF8".utf8), "a GIF file"), (Array("BM".utf8), "a BMP file"),
    (Array("II*\0".utf8), "a TIFF file"), (Array("MM\0*".utf8), "a TIFF file"),
    ([0x93] + Array("NUMPY".utf8), "an NPY file; its name must end in .npy"),
    (Array("PK\u{3}\u{4}".utf8), "a ZIP archive; an .npz file's name must end in .npz"),
    ([0x89] + Array("HDF".utf8), "an HDF5 file"),
    (Array("PAR1".utf8), "a Parquet file"), ([0x1F, 0x8B], "a gzip file"),
    (Array("BZh".utf8), "a bzip2 file"), ([0xFD] + Array("7zXZ".utf8), "an xz file"),
    (Array("%PDF".utf8), "a PDF file"), (Array("\u{7F}ELF".utf8), "an ELF program"),
  ]

  /// What a file that begins with these bytes is; nil: not known.
  package static func name(of bytes: [UInt8]) -> String? {
    if bytes.starts(with: Array("RIFF".utf8)) {
      return bytes.dropFirst(8).starts(with: Array("WEBP".utf8))
        ? "a WebP file" : "a RIFF file (WAV, AVI, …)"
    }
    if bytes.dropFirst(4).starts(with: Array("ftyp".utf8)) {
      return "an ISO media file (HEIC, AVIF, MP4, …)"
    }
    // Python's pickles begin with their protocol, and nearly all with a frame, a dictionary or a
    // list.
    if bytes.count > 2, bytes[0] == 0x80, (2...5).contains(bytes[1]),
      [0x95, 0x7D, 0x5D].contains(bytes[2])
    {
      return "a Python pickle, which can run code when it is read"
    }
    return known.first { bytes.starts(with: $0.bytes) }?.name
  }
}
