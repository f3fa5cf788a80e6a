package io.coterie.config;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kinds of settings that name a place in the network. Nothing here looks a name up. */
final class Addresses {

  private static final Pattern HOST_NAME =
      Pattern.compile("(?=.{1,253}$)(?!-)[A-Za-z0-9_-]{1,63}(\\.(?!-)[A-Za-z0-9_-]{1,63})*");
  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(?!$)|$)){4}");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:][0-9A-Fa-f:.]+");
  private static final Pattern ORIGIN =
      Pattern.compile("([a-z][a-z0-9+.-]*)://([a-z0-9_.-]+|\\[[0-9a-f:.]+\\])(:([0-9]{1,5}))?");

  static final Values.Kind<String> HOST =
      new Values.Kind<>("a host name or an IP address", Addresses::readHost);

  static final Values.Kind<List<String>> ORIGINS =
      Values.list(
          "origins such as https://chat.example.com, with commas between, or *",
          Addresses::readOrigin);

  static final Values.Kind<List<Config.AddressRange>> ADDRESS_RANGES =
      Values.list(
          "IP addresses or ranges such as 10.0.0.0/8, with commas between", Addresses::readRange);

  static final Values.Kind<List<String>> REGISTRIES =
      Values.list(
          "own:, bundled:, file:FOLDER or http(s) URLs without user, query or fragment,"
              + " with commas between",
          Addresses::readRegistry);

  static final Values.Kind<String> WEB_ADDRESS =
      new Values.Kind<>(
          "an http or https URL without user, query or fragment", Addresses::readWebAddress);

  private Addresses() {}

  private static String readHost(String text) {
    boolean isBracketed = text.startsWith("[") && text.endsWith("]");
    String bare = isBracketed ? text.substring(1, text.length() - 1) : text;
    if (bare.contains(":") || isBracketed) {
      return readAddress(bare) == null ? null : bare;
    }
    String lastLabel = bare.substring(bare.lastIndexOf('.') + 1);
    boolean isNumeric = Values.NUMBER.matcher(lastLabel).matches();
    return (isNumeric ? IPV4 : HOST_NAME).matcher(bare).matches() ? bare : null;
  }

  /** Never asks a name server: only what is surely an address in digits gets that far. */
  private static InetAddress readAddress(String text) {
    boolean isIpv6 = text.contains(":") && IPV6.matcher(text).matches();
    if (!isIpv6 && !IPV4.matcher(text).matches()) {
      return null;
    }
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      return null;
    }
  }

  private static Config.AddressRange readRange(String text) {
    int slash = text.indexOf('/');
    InetAddress address = readAddress(slash < 0 ? text : text.substring(0, slash));
    if (address == null) {
      return null;
    }
    int bits = address.getAddress().length * 8;
    Integer prefix =
        slash < 0 ? (Integer) bits : Values.number(0, bits).read(text.substring(slash + 1));
    return prefix == null ? null : new Config.AddressRange(address, prefix);
  }

  private static String readOrigin(String text) {
    if (text.equals("*")) {
      return text;
    }
    Matcher origin = ORIGIN.matcher(text.toLowerCase(Locale.ROOT));
    if (!origin.matches()) {
      return null;
    }
    String withoutPort = origin.group(1) + "://" + origin.group(2);
    String port = origin.group(4);
    if (port == null) {
      return withoutPort;
    }
    int number = Integer.parseInt(port);
    boolean isDefault =
        (origin.group(1).equals("http") && number == 80)
            || (origin.group(1).equals("https") && number == 443);
    return number < 1 || number > 65_535
        ? null
        : isDefault ? withoutPort : withoutPort + ":" + number;
  }

  private static String readRegistry(String text) {
    if (text.equals("own:") || text.equals("bundled:")) {
      return text;
    }
    URI uri = readUri(text);
    if (uri != null && "file".equalsIgnoreCase(uri.getScheme())) {
      // Without a slash it is relative to where the server was started, as data.dir is.
      return uri.getAuthority() == null ? text : null;
    }
    return readWebAddress(text);
  }

  private static String readWebAddress(String text) {
    URI uri = readUri(text);
    boolean isWeb =
        uri != null
            && List.of("http", "https")
                .contains(String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT))
            && uri.getHost() != null
            && uri.getPort() <= 65_535
            && uri.getRawUserInfo() == null;
    return isWeb ? text.replaceAll("/+$", "") : null;
  }

  /** An address that paths can be added to. */
  private static URI readUri(String text) {
    try {
      URI uri = new URI(text);
      return uri.getRawQuery() == null && uri.getRawFragment() == null ? uri : null;
    } catch (URISyntaxException e) {
      return null;
    }
  }
}
