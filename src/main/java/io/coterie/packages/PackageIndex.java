package io.coterie.packages;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.agent.AgentManifests;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.semver4j.Semver;

/** The versions of one package: a registry's {@code NAME/index.json}. Immutable. */
record PackageIndex(String name, List<Entry> entries) {

  /** One version: its file beside the index, and that file's SHA-256 in lower-case hexadecimal. */
  record Entry(String version, String file, String sha256) {}

  static final String LATEST = "latest";

  private static final Pattern FILE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,199}");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-fA-F]{64}");

  PackageIndex {
    entries = List.copyOf(entries);
  }

  /** Reads the index of {@code name}; one entry that is not in order refuses the whole. */
  static PackageIndex parse(byte[] bytes, String name) throws RefusedException {
    JsonNode json = StrictJson.object(bytes, "the registry's index");
    if (!name.equals(json.path("name").textValue())) {
      throw new RefusedException("the registry's index is not the one of " + name);
    }
    JsonNode versions = json.path("versions");
    if (!versions.isArray()) {
      throw new RefusedException("the registry's index has no list of versions");
    }
    List<Entry> entries = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (JsonNode node : versions) {
      Entry entry = entry(node);
      if (!seen.add(entry.version())) {
        throw new RefusedException("the registry's index lists a version twice");
      }
      entries.add(entry);
    }
    return new PackageIndex(name, entries);
  }

  private static Entry entry(JsonNode node) throws RefusedException {
    String version = node.path("version").textValue();
    String file = node.path("file").textValue();
    String sha256 = node.path("sha256").textValue();
    if (!AgentManifests.isVersion(version)) {
      throw new RefusedException("the registry's index has a version that is not SemVer 2.0");
    }
    if (file == null || !FILE.matcher(file).matches()) {
      throw new RefusedException("the registry's index has a file that is not a plain file name");
    }
    if (sha256 == null || !SHA256.matcher(sha256).matches()) {
      throw new RefusedException("the registry's index has a sha256 that is not 64 hex digits");
    }
    return new Entry(version, file, sha256.toLowerCase(Locale.ROOT));
  }

  /**
   * The entry that {@code version} asks for. {@link #LATEST} is the highest that is not a
   * pre-release. Build metadata has no part in precedence (SemVer 2.0, 10): asked for without it, a
   * version is found whatever its metadata; asked for with it, only that very one is. Of equals,
   * the one listed last counts.
   */
  Optional<Entry> find(String version) {
    if (version.equals(LATEST)) {
      return highest(entries.stream().filter(e -> !isPreRelease(e.version())).toList());
    }
    if (!AgentManifests.isVersion(version)) {
      return Optional.empty();
    }
    Optional<Entry> same = entries.stream().filter(e -> e.version().equals(version)).findFirst();
    if (same.isPresent() || version.contains("+")) {
      return same;
    }
    return highest(entries.stream().filter(e -> compare(e.version(), version) == 0).toList());
  }

  /** The highest version, or if there are only pre-releases the highest of those. */
  Optional<Entry> newest() {
    return find(LATEST).or(() -> highest(entries));
  }

  static boolean isPreRelease(String version) {
    return !new Semver(version).getPreRelease().isEmpty();
  }

  private static int compare(String a, String b) {
    return new Semver(a).compareTo(new Semver(b));
  }

  private static Optional<Entry> highest(List<Entry> among) {
    return among.stream().reduce((a, b) -> compare(a.version(), b.version()) > 0 ? a : b);
  }
}
