package io.coterie.user;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * How API keys are written: {@code ct_} and, in base64url (RFC 4648), 256 random bits and a
 * checksum of them. By the checksum a mistyped key is known from one that was revoked without
 * keeping those. Thread-safe.
 */
final class KeyText {

  private static final String MARK = "ct_";
  private static final int SHOWN = MARK.length() + 8;
  private static final int RANDOM_BYTES = 32;
  private static final int CHECKSUM_BYTES = 4;
  private static final Pattern FORM = Pattern.compile("ct_[A-Za-z0-9_-]{48}");

  private KeyText() {}

  /** A new key. */
  static String next(SecureRandom source) {
    byte[] random = new byte[RANDOM_BYTES];
    source.nextBytes(random);
    byte[] bytes = Arrays.copyOf(random, RANDOM_BYTES + CHECKSUM_BYTES);
    System.arraycopy(checksum(random), 0, bytes, RANDOM_BYTES, CHECKSUM_BYTES);
    return MARK + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Whether a bearer token claims to be a key: no JWT begins like one. */
  static boolean isMeant(String token) {
    return token.startsWith(MARK);
  }

  /** Whether it is whole, as a key was once given out by some server. */
  static boolean isWhole(String key) {
    if (!FORM.matcher(key).matches()) {
      return false;
    }
    byte[] bytes = Base64.getUrlDecoder().decode(key.substring(MARK.length()));
    return Arrays.equals(
        checksum(Arrays.copyOf(bytes, RANDOM_BYTES)),
        Arrays.copyOfRange(bytes, RANDOM_BYTES, bytes.length));
  }

  /** The beginning, by which its user knows it again. */
  static String prefix(String key) {
    return key.substring(0, SHOWN);
  }

  /**
   * What is stored: SHA-256 in hex. Nobody can try 256 random bits one after the other, so a slow
   * hash or a salt would add nothing; and as what is looked up is the hash, the time that takes
   * tells nothing of the key.
   */
  static String hash(String key) {
    return HexFormat.of().formatHex(sha256(key.getBytes(StandardCharsets.US_ASCII)));
  }

  private static byte[] checksum(byte[] random) {
    return Arrays.copyOf(sha256(random), CHECKSUM_BYTES);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
