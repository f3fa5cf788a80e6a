package io.coterie.packages;

/** Sizes in bytes, the same for every registry. */
final class Limits {
  static final int INDEX = 1 << 20;
  static final int MANIFEST = 1 << 20;
  static final int PACKAGE = 50 << 20;

  /** All files of one package together, unpacked. */
  static final int EXPANDED = 50 << 20;

  static final int ENTRIES = 1_000;

  private Limits() {}

  /** The refusal of a file that is larger than {@code maxBytes}. */
  static RefusedException tooLarge(int maxBytes) {
    return new RefusedException("the registry sent more than " + (maxBytes >> 20) + " MB");
  }
}
