package io.coterie.user;

import io.coterie.http.ApiException;
import java.util.Locale;
import java.util.regex.Pattern;

/** Email addresses: kept as typed but trimmed, compared without regard to case. */
final class Emails {

  static final int MAX_LENGTH = 254;

  private static final Pattern ADDRESS =
      Pattern.compile("[^\\s\\p{Cntrl}@]+@[^\\s\\p{Cntrl}@.]+(\\.[^\\s\\p{Cntrl}@.]+)*");

  private Emails() {}

  /** Trimmed; 400 unless it has a local part, an {@code @} and a domain. */
  static String checked(String text) {
    String email = text.strip();
    if (!ADDRESS.matcher(email).matches()) {
      throw ApiException.badRequest("Invalid email");
    }
    return email;
  }

  /** What two spellings of one address have in common. */
  static String key(String email) {
    return email.strip().toLowerCase(Locale.ROOT);
  }
}
