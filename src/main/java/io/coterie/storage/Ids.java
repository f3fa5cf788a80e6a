package io.coterie.storage;

import com.github.f4b6a3.uuid.UuidCreator;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Identifiers: UUID version 7 (RFC 9562), so that a later one is greater. Clients see them as
 * opaque strings.
 */
public final class Ids {

  /** Greater than every identifier: where reading backwards begins. */
  public static final UUID ABOVE_ALL = new UUID(Long.MAX_VALUE, Long.MAX_VALUE);

  private static final Pattern CANONICAL =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  private Ids() {}

  /** A new identifier, greater than every earlier one of this process. */
  public static UUID next() {
    return UuidCreator.getTimeOrderedEpochPlus1();
  }

  /**
   * The identifier that a client sent; empty where it is not one of ours in form, which means: not
   * found.
   */
  public static Optional<UUID> parse(String text) {
    return text != null && CANONICAL.matcher(text).matches()
        ? Optional.of(UUID.fromString(text))
        : Optional.empty();
  }
}
