import SGBasics
import SGFormats

extension EventFile {
  /// Adds a picture of a step.
  public func append(step: UInt64, tag: String, picture: Picture) throws(Failure) {
    append(
      step: step, tag: tag, size: (picture.height, picture.width, picture.channels),
      png: try picture.png())
  }
}
