package io.coterie.deletion;

import java.util.Locale;
import java.util.UUID;

/** Something that is gone for everybody, and whose rows are still to be removed. */
record Deletion(Deletions.Kind kind, UUID itemId) {

  /** As it is stored. */
  static Deletion of(String kind, UUID itemId) {
    return new Deletion(Deletions.Kind.valueOf(kind.toUpperCase(Locale.ROOT)), itemId);
  }
}
