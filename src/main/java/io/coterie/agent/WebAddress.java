package io.coterie.agent;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/**
 * Absolute http and https addresses (RFC 3986) with a host that can be looked up and without a
 * user's name or password. The pattern is the one in the manifest's JSON Schema, so that an editor
 * and the server agree.
 */
final class WebAddress {

  private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
  private static final String NAME =
      "(?:" + LABEL + "\\.)*[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?\\.?";
  private static final String BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final String V4 = "(?:" + BYTE + "\\.){3}" + BYTE;
  private static final String V6 = "\\[(?:" + v6() + ")\\]";
  private static final String CHARACTERS = "A-Za-z0-9._~!$&'()*+,;=:@%/";

  /** What every accepted address matches, as a regular expression of ECMA-262 and of Java. */
  static final String PATTERN =
      "^(?!.*%(?![0-9A-Fa-f]{2}))[Hh][Tt][Tt][Pp][Ss]?://(?:"
          + (NAME + "|" + V4 + "|" + V6)
          + ")(?::[0-9]{1,5})?"
          + ("(?:/[" + CHARACTERS + "-]*)?(?:\\?[" + CHARACTERS + "?-]*)?(?:#[" + CHARACTERS)
          + "?-]*)?$";

  private static final Pattern ADDRESS = Pattern.compile(PATTERN);

  private WebAddress() {}

  static boolean matches(String text) {
    try {
      // The second is what connections are made by; it must not see another host, or none.
      return ADDRESS.matcher(text).matches() && new URI(text).getHost() != null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /** Groups of up to four digits, one run of zeros left out at most (RFC 4291, 2.2). */
  private static String v6() {
    String group = "[0-9A-Fa-f]{1,4}";
    StringBuilder forms = new StringBuilder("(?:" + group + ":){7}" + group);
    forms.append("|(?:").append(group).append(":){1,7}:");
    for (int before = 6; before >= 1; before--) {
      forms
          .append("|(?:" + group + ":){1," + before + "}")
          .append("(?::" + group + "){1," + (7 - before) + "}");
    }
    return forms.append("|:(?:(?::" + group + "){1,7}|:)").toString();
  }
}
