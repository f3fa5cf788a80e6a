package io.coterie.packages;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes a registry's index as a stranger would. */
final class Indexes {
  private Indexes() {}

  static byte[] of(String name, Map<String, byte[]> archives) {
    String versions =
        archives.entrySet().stream()
            .map(e -> entry(name, e.getKey(), PackageArchive.sha256(e.getValue())))
            .collect(Collectors.joining(","));
    String json = "{\"name\":\"" + name + "\",\"versions\":[" + versions + "]}";
    return json.getBytes(StandardCharsets.UTF_8);
  }

  static String entry(String name, String version, String sha256) {
    return "{\"version\":\"%s\",\"file\":\"%s-%s.zip\",\"sha256\":\"%s\"}"
        .formatted(version, name, version, sha256);
  }
}
